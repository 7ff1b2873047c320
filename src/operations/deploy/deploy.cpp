#include "operations/deploy/deploy.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "core/uuid.h"
#include "operations/deploy/canary_stages.h"
#include "operations/deploy/canary_step.h"
#include "operations/deploy/check_step.h"
#include "operations/deploy/deploy_plan.h"
#include "operations/deploy/observe_deploy.h"
#include "operations/deploy/pool_steps.h"
#include "operations/deploy/probe_steps.h"
#include "operations/deploy/traffic.h"
#include "operations/deploy/turn_back.h"
#include "operations/migrate/local_target.h"
#include "operations/migrate/logical_restore_points.h"
#include "operations/migrate/operation.h"
#include "operations/release/releases.h"
#include "targets/local/release.h"

namespace auterity::operations {
namespace {

// Whatever kept a step from its end, the deploy failed: who asked for it is told so.
Error failed(Error error) {
  if (error.kind != ErrorKind::cancelled) error.kind = ErrorKind::failed;
  return error;
}

class DeployStep : public Step {
 public:
  // `way_back`: until the old pool goes, somebody may ask for it.
  DeployStep(DeployWorld& world, std::unique_ptr<Step> step, bool way_back)
      : world_(world), step_(std::move(step)), way_back_(way_back) {}

  Async<Result<Observation>> observe() override {
    auto seen = co_await step_->observe();
    if (!seen) co_return std::unexpected(failed(std::move(seen).error()));
    co_return seen;
  }
  Async<Status> apply() override {
    if (const auto wish =
            find_turn_back(world_.context.files, world_.context.layout, world_.request.evidence);
        wish && way_back_)
      co_return fail(ErrorKind::failed, to_text(*wish), "deploy again when that is mended");
    auto outcome = co_await step_->apply();
    if (!outcome) co_return std::unexpected(failed(std::move(outcome).error()));
    co_return outcome;
  }
  Async<Status> undo() override { co_return co_await step_->undo(); }
  Async<Status> settle() override { co_return co_await step_->settle(); }

 protected:
  DeployWorld& world_;

 private:
  std::unique_ptr<Step> step_;
  bool way_back_;
};

// From the first canary on, requests return to the old pool before the step itself is taken back.
class TrafficFirst final : public DeployStep {
 public:
  TrafficFirst(DeployWorld& world, std::unique_ptr<Step> step)
      : DeployStep(world, std::move(step), true) {}

  Async<Status> undo() override {
    AUTERITY_CO_TRY(platform, world_.load());
    const local::Pool* candidate = platform.find_pool(world_.request.candidate);
    if (candidate != nullptr && candidate->percent > 0)
      AUTERITY_CO_CHECK(co_await move_traffic(world_.context,
                                              with_shares(std::move(platform), world_.request, 0)));
    co_return co_await DeployStep::undo();
  }
};

// "0007_colours", as `migrate up` names its steps.
bool is_of_schema(std::string_view step) {
  return step == kRestorePointStep || (!step.empty() && step.front() >= '0' && step.front() <= '9');
}

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

DeployOperation::DeployOperation(DeployServices services, DeployWish wish, std::string_view kind)
    : kind_(kind),
      world_{services.context, {}, std::move(services.environment)},
      migrator_(std::move(services.migrator)),
      wish_(std::move(wish)),
      canary_(stages_of(world_.environment)),
      bake_(std::chrono::seconds(world_.environment.number("deploy.bake_s"))),
      thresholds_(thresholds_of(world_.environment)) {}

DeployOperation::DeployOperation(DeployServices services, DeployRequest request,
                                 std::string_view kind)
    : kind_(kind),
      world_{services.context, std::move(request), std::move(services.environment)},
      migrator_(std::move(services.migrator)) {}

DeployOperation::~DeployOperation() = default;

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

Result<MigrateOperation*> DeployOperation::expansion() {
  if (expansion_) return expansion_.get();
  LocalContext& context = world_.context;
  const auto folder = context.layout.releases() / world_.request.version / "migrations";
  AUTERITY_TRY(target, local_migrate_target(context, std::nullopt, folder.string()));
  const MigrateServices services = migrate_services(context);
  auto restore_points = std::make_shared<LogicalRestorePoints>(services, target);
  expansion_ = std::make_unique<MigrateOperation>(
      services, std::move(target), std::move(restore_points),
      MigrateRequest{.to = {},
                     .restore_point = world_.request.restore_point,
                     .release = world_.request.version},
      migrator_);
  return expansion_.get();
}

Async<Status> DeployOperation::look_at_schema(DeployFacts& facts) {
  AUTERITY_CO_TRY(expansion, expansion());
  if (facts.rollback) {
    AUTERITY_CO_TRY(revision, co_await expansion->revision());
    facts.schema_revision = revision;
    co_return Status{};
  }
  AUTERITY_CO_TRY(planned, co_await expansion->plan_with_statements());
  facts.schema_revision = planned.revision;
  facts.expansion = std::move(planned);
  const auto& steps = facts.expansion.plan.steps;
  if (std::ranges::find(steps, kRestorePointStep, &PlannedStep::name) != steps.end())
    world_.request.restore_point = expansion->restore_point();
  facts.request.restore_point = world_.request.restore_point;
  co_return Status{};
}

Async<Result<Plan>> DeployOperation::plan() {
  AUTERITY_CO_TRY(platform, world_.load());
  AUTERITY_CO_TRY(request, choose(platform));
  world_.request = std::move(request);
  expansion_.reset();
  const local::Pool& pool = platform.pool();
  if (pool.version == world_.request.version &&
      pool.release_digest == world_.request.release_digest)
    co_return Plan{std::string(kind_), platform.layout.environment, {}, {"release"}};
  if (platform.pools.size() > 1)
    co_return fail(ErrorKind::conflict, "an earlier deploy left its pools behind",
                   "see: auterity operations list");
  AUTERITY_CO_TRY(facts, co_await observe_deploy(world_, kind_));
  facts.rollback = kind_ == kRollback;
  AUTERITY_CO_CHECK(co_await look_at_schema(facts));
  co_return plan_deploy(facts);
}

Result<std::unique_ptr<Step>> DeployOperation::bind(const PlannedStep& planned) {
  if (is_of_schema(planned.name)) {
    AUTERITY_TRY(migrations, expansion());
    AUTERITY_TRY(step, migrations->bind(planned));
    return std::make_unique<DeployStep>(world_, std::move(step), true);
  }
  for (const auto make : {make_check_step, make_probe_step, make_canary_step, make_pool_step})
    if (auto step = make(world_, planned.name)) {
      if (planned.undo_policy != UndoPolicy::undo || planned.name == deploy_step::kPools)
        return std::make_unique<DeployStep>(world_, std::move(step),
                                            planned.undo_policy != UndoPolicy::refuse);
      return std::make_unique<TrafficFirst>(world_, std::move(step));
    }
  return fail(ErrorKind::not_found, fmt::format("deploy has no step named {}", planned.name),
              "the operation was begun by another version of auterity; use that one to go on");
}

Async<std::string> DeployOperation::what_stays(Plan plan) {
  std::vector<std::string> applied;
  std::string restore_point;
  for (const PlannedStep& planned : plan.steps) {
    if (!is_of_schema(planned.name)) continue;
    auto step = bind(planned);
    if (!step) continue;
    const auto seen = co_await (*step)->observe();
    if (!seen || !seen->holds) continue;
    if (planned.name == kRestorePointStep)
      restore_point = world_.request.restore_point;
    else
      applied.push_back(planned.name);
  }
  if (restore_point.empty()) co_return std::string();
  co_return fmt::format("{}, and so does restore point {} of before",
                        applied.empty()
                            ? std::string("the schema stays as it was")
                            : fmt::format("the schema stays expanded by {}, which release {} works "
                                          "with",
                                          fmt::join(applied, ", "), world_.request.old_version),
                        restore_point);
}

std::string DeployOperation::way_back(const OperationHistory& done) const {
  return fmt::format("return to release {}: auterity rollback -e {}", world_.request.old_version,
                     done.plan.environment);
}

bool DeployOperation::supersedes(std::string_view) const { return false; }

}  // namespace auterity::operations
