#include "operations/deploy/pool_steps.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "core/counted.h"
#include "operations/deploy/deploy_plan.h"
#include "operations/deploy/traffic.h"
#include "operations/kept_step.h"
#include "operations/service_steps.h"
#include "operations/up/up_folder_steps.h"
#include "targets/local/wal_shipper_service.h"

namespace auterity::operations {
namespace {

using namespace deploy_step;

constexpr Duration kReloadLimit = std::chrono::seconds(10);
// A caller may wait 120 s for an execution, and uploads take their time.
constexpr Duration kHandOverLimit = std::chrono::seconds(150);
constexpr Duration kPoll = std::chrono::milliseconds(50);
constexpr const char* kToldFile = "hand-over.json";

// nginx's file names the releases whose built files are still asked for; it reads it anew.
Async<Status> refresh_web(LocalContext& context, local::Platform platform) {
  auto supervisor = supervisor_of(context, platform);
  const local::ServiceDefinition nginx = local::define_service(platform, "nginx");
  if (supervisor.runs_as_defined(nginx)) co_return Status{};
  AUTERITY_CO_CHECK(co_await supervisor.rewrite_service(nginx));
  AUTERITY_CO_CHECK(co_await supervisor.signal_service("nginx", "-h"));
  co_return supervisor.confirm_started(nginx);
}

class PoolsStep final : public Step {
 public:
  explicit PoolsStep(DeployWorld& world) : world_(world) {}

  Async<Result<Observation>> observe() override {
    AUTERITY_CO_TRY(platform, world_.load());
    const local::Pool* candidate = platform.find_pool(world_.request.candidate);
    const bool there =
        candidate != nullptr && candidate->version == world_.request.version &&
        candidate->release_digest == world_.request.release_digest &&
        (compared_replicas(world_.request) == 0 || platform.find_pool(local::kBaseline) != nullptr);
    co_return Observation{there, there ? "each new pool has its place" : "there is one pool"};
  }
  Async<Status> apply() override {
    AUTERITY_CO_TRY(platform, world_.load());
    co_return keep_platform(world_.context, with_new_pools(std::move(platform), world_.request));
  }
  Async<Status> undo() override {
    AUTERITY_CO_TRY(platform, world_.load());
    platform = with_pool_in_use(with_new_pools(std::move(platform), world_.request),
                                world_.request.stable);
    platform.pools.resize(1);
    AUTERITY_CO_CHECK(co_await move_traffic(world_.context, platform));
    co_return co_await refresh_web(world_.context, std::move(platform));
  }

 private:
  DeployWorld& world_;
};

// What runs from the release in use without being part of a pool follows it: the shipper of the
// log, and the autoscaler where it is on.
class InUseStep final : public Step {
 public:
  explicit InUseStep(DeployWorld& world) : world_(world) {}

  Async<Result<Observation>> observe() override {
    AUTERITY_CO_TRY(platform, world_.load());
    const std::string in_use = platform.pool().colour + " is in use";
    Observation seen{platform.pool().colour == world_.request.candidate, in_use};
    if (!seen.holds) co_return seen;
    for (const std::string_view service : followers(platform)) {
      AUTERITY_CO_TRY(follower, co_await step_of(platform, service).observe());
      seen.holds = seen.holds && follower.holds;
      seen.evidence += fmt::format(", {} is {}", service, follower.evidence);
    }
    co_return seen;
  }
  Async<Status> apply() override { co_return co_await use(world_.request.candidate); }
  Async<Status> undo() override { co_return co_await use(world_.request.stable); }

 private:
  Async<Status> use(std::string colour) {
    AUTERITY_CO_TRY(loaded, world_.load());
    const local::Platform platform = with_pool_in_use(std::move(loaded), colour);
    // Keeps the platform, and leads logs/api-1 to the pool in use.
    AUTERITY_CO_CHECK(co_await make_folder_step(world_.context, platform, "state-folder")->apply());
    for (const std::string_view service : followers(platform))
      AUTERITY_CO_CHECK(co_await step_of(platform, service).apply());
    co_return Status{};
  }

  static std::vector<std::string_view> followers(const local::Platform& platform) {
    std::vector<std::string_view> services{local::kWalShipper};
    if (platform.autoscaler) services.push_back(local::kAutoscaler);
    return services;
  }

  StartServiceStep step_of(const local::Platform& platform, std::string_view service) const {
    return {world_.context, fixed_platform(platform), std::string(service), UndoneStart::stopped};
  }

  DeployWorld& world_;
};

// nginx names the release whose files it serves in a header.
class WebStep final : public Step {
 public:
  explicit WebStep(DeployWorld& world) : world_(world) {}

  Async<Result<Observation>> observe() override {
    AUTERITY_CO_TRY(platform, world_.load());
    co_return co_await observe_release(platform, world_.request.version);
  }
  Async<Status> apply() override { co_return co_await serve(world_.request.candidate); }
  Async<Status> undo() override { co_return co_await serve(world_.request.stable); }

 private:
  Async<Result<Observation>> observe_release(const local::Platform& platform, std::string version) {
    HttpRequest request;
    request.method = "HEAD";
    request.url = "http://localhost/";
    request.unix_socket = platform.layout.socket("nginx").string();
    request.timeout = std::chrono::seconds(2);
    AUTERITY_CO_TRY(answer, co_await world_.context.http.send(std::move(request)));
    const std::string* release = find_header(answer.headers, "X-Auterity-Release");
    const std::string seen = release == nullptr ? "no release" : *release;
    co_return Observation{seen == version, "nginx serves " + seen};
  }

  Async<Status> serve(std::string colour) {
    AUTERITY_CO_TRY(loaded, world_.load());
    const local::Platform platform = with_pool_in_use(std::move(loaded), colour);
    auto supervisor = supervisor_of(world_.context, platform);
    const local::ServiceDefinition nginx = local::define_service(platform, "nginx");
    AUTERITY_CO_CHECK(co_await supervisor.rewrite_service(nginx));
    AUTERITY_CO_CHECK(co_await supervisor.signal_service("nginx", "-h"));
    const Duration deadline = world_.context.clock.monotonic() + kReloadLimit;
    for (;;) {
      const auto seen = co_await observe_release(platform, platform.pool().version);
      if (seen && seen->holds) break;
      if (world_.context.clock.monotonic() > deadline)
        co_return fail(ErrorKind::failed, "nginx did not take up its new configuration",
                       "see its log in " + (platform.layout.logs() / "nginx").string());
      co_await world_.context.clock.sleep(kPoll);
    }
    co_return supervisor.confirm_started(nginx);
  }

  DeployWorld& world_;
};

// The old processes get no request any more; what they still hold is given away. That they were
// told is kept beside the other evidence: without requests nothing else would show it.
class HandOverStep final : public KeptStep {
 public:
  explicit HandOverStep(DeployWorld& world) : world_(world) {}

  Async<Result<Observation>> observe() override {
    AUTERITY_CO_TRY(platform, world_.load());
    AUTERITY_CO_TRY(servers, co_await wait_for_servers(world_.context, platform));
    int requests = 0;
    for (const local::BalancerServer& server : servers)
      if (local::parse_member(server.name).colour != world_.request.candidate)
        requests += server.requests;
    const bool told = world_.context.files.exists(world_.evidence_folder() / kToldFile);
    co_return Observation{told && requests == 0,
                          fmt::format("{} left on the old pools, which were {} to hand over",
                                      counted(static_cast<std::uint64_t>(requests), "request"),
                                      told ? "told" : "not told yet")};
  }

  Async<Status> apply() override {
    AUTERITY_CO_TRY(platform, world_.load());
    auto supervisor = supervisor_of(world_.context, platform);
    const Duration deadline = world_.context.clock.monotonic() + kHandOverLimit;
    for (const local::Pool& pool : platform.pools) {
      if (pool.colour == world_.request.candidate) continue;
      for (const std::string& service : pool.api_names())
        AUTERITY_CO_CHECK(co_await supervisor.signal_service(service, "-1"));
    }
    AUTERITY_CO_CHECK(
        world_.keep_evidence(kToldFile, {{"told_at", to_rfc3339(world_.context.clock.now())}}));
    for (;;) {
      AUTERITY_CO_TRY(seen, co_await observe());
      if (seen.holds) co_return Status{};
      if (world_.context.clock.monotonic() > deadline)
        co_return fail(ErrorKind::timeout, seen.evidence + " after 150 s",
                       "see which, in " + (platform.layout.logs() / "haproxy").string());
      co_await world_.context.clock.sleep(kPoll);
    }
  }

 private:
  DeployWorld& world_;
};

class ForgetStep final : public KeptStep {
 public:
  explicit ForgetStep(DeployWorld& world) : world_(world) {}

  Async<Result<Observation>> observe() override {
    AUTERITY_CO_TRY(platform, world_.load());
    if (platform.pools.size() != 1 || platform.pool().colour != world_.request.candidate)
      co_return Observation{false, "other pools have their place still"};
    if (!supervisor_of(world_.context, platform)
             .runs_as_defined(local::define_service(platform, "nginx")))
      co_return Observation{false, "nginx's file names the old release still"};
    co_return co_await observe_traffic(world_.context, std::move(platform));
  }
  Async<Status> apply() override {
    AUTERITY_CO_TRY(platform, world_.load());
    platform = with_candidate_alone(std::move(platform), world_.request);
    AUTERITY_CO_CHECK(co_await move_traffic(world_.context, platform));
    co_return co_await refresh_web(world_.context, std::move(platform));
  }

 private:
  DeployWorld& world_;
};

std::optional<std::string> service_after(std::string_view verb, const std::string& name) {
  if (!name.starts_with(verb)) return std::nullopt;
  std::string service = name.substr(verb.size());
  if (local::parse_member(service).colour.empty()) return std::nullopt;
  return service;
}

}  // namespace

std::unique_ptr<Step> make_pool_step(DeployWorld& world, const std::string& name) {
  if (name == kPools) return std::make_unique<PoolsStep>(world);
  if (name == kInUse) return std::make_unique<InUseStep>(world);
  if (name == kWeb) return std::make_unique<WebStep>(world);
  if (name == kHandOver) return std::make_unique<HandOverStep>(world);
  if (name == kForget) return std::make_unique<ForgetStep>(world);
  const PlatformSource platform = [&world] { return world.load(); };
  if (const auto service = service_after(kStart, name))
    return std::make_unique<StartServiceStep>(world.context, platform, *service,
                                              UndoneStart::removed);
  if (const auto service = service_after(kStop, name))
    return make_stop_step(world.context, platform, *service);
  if (const auto service = service_after(kRetire, name))
    return make_remove_step(world.context, platform, *service);
  return nullptr;
}

}  // namespace auterity::operations
