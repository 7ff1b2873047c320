#include "operations/deploy/deploy.h"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "core/uuid.h"
#include "operations/deploy/canary_stages.h"
#include "operations/deploy/canary_step.h"
#include "operations/deploy/deploy_plan.h"
#include "operations/deploy/pool_steps.h"
#include "operations/deploy/probe_steps.h"
#include "operations/deploy/traffic.h"
#include "operations/kept_step.h"
#include "operations/release/releases.h"
#include "operations/up_steps.h"
#include "targets/local/release.h"

namespace auterity::operations {
namespace {

// From the first canary on, requests return to the old pool before the step itself is taken back.
class TrafficFirst final : public Step {
 public:
  TrafficFirst(DeployWorld& world, std::unique_ptr<Step> step)
      : world_(world), step_(std::move(step)) {}

  Async<Result<Observation>> observe() override { co_return co_await step_->observe(); }
  Async<Status> apply() override { co_return co_await step_->apply(); }
  Async<Status> undo() override {
    AUTERITY_CO_TRY(platform, world_.load());
    const local::Pool* candidate = platform.find_pool(world_.request.candidate);
    if (candidate != nullptr && candidate->percent > 0)
      AUTERITY_CO_CHECK(co_await move_traffic(world_.context,
                                              with_shares(std::move(platform), world_.request, 0)));
    co_return co_await step_->undo();
  }

 private:
  DeployWorld& world_;
  std::unique_ptr<Step> step_;
};

// The migrations are the new release's; the schema only grows, so that the old one goes on with it.
class SchemaStep final : public KeptStep {
 public:
  explicit SchemaStep(DeployWorld& world) : world_(world) {}

  Async<Result<Observation>> observe() override {
    AUTERITY_CO_TRY(platform, with_release());
    AUTERITY_CO_TRY(step, make_up_step(world_.context, platform, "schema"));
    co_return co_await step->observe();
  }
  Async<Status> apply() override {
    AUTERITY_CO_TRY(platform, with_release());
    AUTERITY_CO_TRY(step, make_up_step(world_.context, platform, "schema"));
    co_return co_await step->apply();
  }

 private:
  Result<local::Platform> with_release() const {
    AUTERITY_TRY(platform, world_.load());
    return with_pool_in_use(with_new_pools(std::move(platform), world_.request),
                            world_.request.candidate);
  }

  DeployWorld& world_;
};

std::vector<int> stages_of(const EnvironmentFile& environment) {
  std::vector<int> stages;
  for (const std::int64_t percent : environment.numbers("deploy.canary_steps"))
    stages.push_back(static_cast<int>(percent));
  return stages;
}

CanaryThresholds thresholds_of(const EnvironmentFile& environment) {
  CanaryThresholds thresholds;
  thresholds.error_percent =
      static_cast<double>(environment.number("deploy.analysis.error_rate_percent"));
  thresholds.latency_ratio =
      static_cast<double>(environment.number("deploy.analysis.latency_ratio_percent")) / 100;
  thresholds.minimum_requests =
      static_cast<std::uint64_t>(environment.number("deploy.analysis.minimum_requests"));
  return thresholds;
}

}  // namespace

DeployOperation::DeployOperation(LocalContext& context, const EnvironmentFile& environment,
                                 DeployWish wish, std::string_view kind)
    : kind_(kind),
      world_{context, {}, environment.text("ai_service.url")},
      wish_(std::move(wish)),
      canary_(stages_of(environment)),
      bake_(std::chrono::seconds(environment.number("deploy.bake_s"))),
      thresholds_(thresholds_of(environment)) {}

DeployOperation::DeployOperation(LocalContext& context, const EnvironmentFile& environment,
                                 DeployRequest request, std::string_view kind)
    : kind_(kind), world_{context, std::move(request), environment.text("ai_service.url")} {}

Result<std::string> DeployOperation::choose_version() const {
  if (!wish_.version.empty()) return wish_.version;
  AUTERITY_TRY(releases, find_releases(world_.context, false));
  if (releases.empty())
    return fail(ErrorKind::not_found, "there is no release to deploy",
                "package what was built: auterity release build --version VERSION");
  return releases.front().version;
}

Result<DeployRequest> DeployOperation::choose(const local::Platform& platform) const {
  const local::Pool& pool = platform.pool();
  DeployRequest request;
  AUTERITY_TRY(version, choose_version());
  request.version = std::move(version);
  request.stable = pool.colour;
  request.candidate = pool.colour == local::kBlue ? local::kGreen : local::kBlue;
  request.old_version = pool.version;
  request.replicas = pool.replicas;
  request.workers = pool.workers;
  request.canary = wish_.canary.empty() ? canary_ : wish_.canary;
  request.bake = wish_.bake.value_or(bake_);
  request.thresholds = thresholds_;
  AUTERITY_CHECK(check_canary_stages(request.canary));
  LocalContext& context = world_.context;
  request.evidence = auterity::to_text(make_uuid(context.clock.now(), context.random));
  const auto folder = platform.layout.releases() / request.version;
  if (!context.files.exists(folder))
    return fail(ErrorKind::not_found,
                fmt::format("there is no release {} in {}", request.version,
                            platform.layout.releases().string()),
                "package what was built: auterity release build --version VERSION; see what is "
                "there: auterity release list");
  const auto damage = local::verify_release(context.files, folder);
  if (!damage.empty())
    return fail(ErrorKind::invalid_input,
                fmt::format("release {} is not whole: {}", request.version, damage.front()),
                "remove its folder and package it again");
  AUTERITY_TRY(manifest, local::read_manifest(context.files, folder));
  request.release_digest = manifest.digest;
  return request;
}

Async<Status> DeployOperation::check_platform(const local::Platform& platform) {
  if (platform.pools.size() > 1)
    co_return fail(ErrorKind::conflict, "an earlier deploy left its pools behind",
                   "see: auterity operations list");
  auto supervisor = supervisor_of(world_.context, platform);
  for (const std::string& service : platform.service_names()) {
    AUTERITY_CO_TRY(state, co_await supervisor.state(service));
    if (!state.ready)
      co_return fail(ErrorKind::not_ready,
                     fmt::format("{} is {}: a release is brought in beside a platform that runs",
                                 service, state.name()),
                     fmt::format("start it: auterity up -e {}", platform.layout.environment));
  }
  co_return Status{};
}

Async<Result<std::vector<std::string>>> DeployOperation::find_pending(
    const local::Platform& platform) {
  const local::Platform next =
      with_pool_in_use(with_new_pools(platform, world_.request), world_.request.candidate);
  AUTERITY_CO_TRY(step, make_up_step(world_.context, next, std::string(deploy_step::kSchema)));
  AUTERITY_CO_TRY(seen, co_await step->observe());
  std::vector<std::string> pending;
  if (!seen.holds) pending.push_back("what release " + world_.request.version + " adds");
  co_return pending;
}

Async<Result<Plan>> DeployOperation::plan() {
  AUTERITY_CO_TRY(platform, world_.load());
  AUTERITY_CO_TRY(request, choose(platform));
  world_.request = std::move(request);
  const local::Pool& pool = platform.pool();
  if (pool.version == world_.request.version &&
      pool.release_digest == world_.request.release_digest)
    co_return Plan{std::string(kind_), platform.layout.environment, {}, {"release"}};
  AUTERITY_CO_CHECK(co_await check_platform(platform));
  AUTERITY_CO_TRY(pending, co_await find_pending(platform));
  Plan plan = plan_deploy({.environment = platform.layout.environment,
                           .request = world_.request,
                           .pending_migrations = std::move(pending),
                           .old_replicas = pool.replicas,
                           .old_workers = pool.workers});
  plan.operation = kind_;
  co_return plan;
}

Result<std::unique_ptr<Step>> DeployOperation::bind(const PlannedStep& planned) {
  if (planned.name == deploy_step::kSchema) return std::make_unique<SchemaStep>(world_);
  for (const auto make : {make_probe_step, make_canary_step, make_pool_step})
    if (auto step = make(world_, planned.name)) {
      if (planned.undo_policy != UndoPolicy::undo || planned.name == deploy_step::kPools)
        return step;
      return std::make_unique<TrafficFirst>(world_, std::move(step));
    }
  return fail(ErrorKind::not_found, fmt::format("deploy has no step named {}", planned.name),
              "the operation was begun by another version of auterity; use that one to go on");
}

bool DeployOperation::supersedes(std::string_view) const { return false; }

}  // namespace auterity::operations
