#include "operations/deploy/probe_steps.h"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "core/counted.h"
#include "operations/deploy/deploy_plan.h"
#include "operations/deploy/replica_client.h"
#include "operations/deploy/smoke_run.h"
#include "operations/kept_step.h"

namespace auterity::operations {
namespace {

using namespace deploy_step;

constexpr int kTimesReady = 3;
constexpr Duration kBetween = std::chrono::milliseconds(200);
// Its processes have said that they are ready before: what is wrong still hardly mends itself.
constexpr Duration kGateLimit = std::chrono::seconds(15);
constexpr const char* kSmokeEvidence = "smoke.json";

class GateStep final : public KeptStep {
 public:
  explicit GateStep(DeployWorld& world) : world_(world) {}

  Async<Result<Observation>> observe() override {
    AUTERITY_CO_TRY(seen, co_await look());
    co_return std::move(seen.observation);
  }

  Async<Status> apply() override {
    const Duration deadline = world_.context.clock.monotonic() + kGateLimit;
    for (;;) {
      AUTERITY_CO_TRY(seen, co_await look());
      if (seen.observation.holds) co_return Status{};
      if (seen.hopeless || world_.context.clock.monotonic() > deadline)
        co_return fail(ErrorKind::failed, seen.observation.evidence,
                       "see the new pool's logs in " + world_.context.layout.logs().string());
      co_await world_.context.clock.sleep(kBetween);
    }
  }

 private:
  struct Seen {
    Observation observation;
    bool hopeless = false;  // waiting mends it no more
  };

  Async<Result<Seen>> look() {
    AUTERITY_CO_TRY(platform, world_.load());
    const local::Pool* pool = platform.find_pool(world_.request.candidate);
    if (pool == nullptr) co_return Seen{{false, "there is no new pool"}};
    for (int time = 1; time <= kTimesReady; ++time) {
      if (time > 1) co_await world_.context.clock.sleep(kBetween);
      for (const std::string& service : pool->api_names()) {
        AUTERITY_CO_TRY(seen, co_await ready(platform, service));
        if (!seen.observation.holds) co_return seen;
      }
    }
    co_return Seen{
        {true, fmt::format("{} ready {} times in a row, version {}",
                           counted(static_cast<std::uint64_t>(pool->replicas), "replica"),
                           kTimesReady, pool->version)}};
  }

  Async<Result<Seen>> ready(const local::Platform& platform, std::string service) {
    auto supervisor = supervisor_of(world_.context, platform);
    AUTERITY_CO_TRY(state, co_await supervisor.state(service));
    if (state.restarts > 0)
      co_return Seen{
          {false, fmt::format("{} died {} since it was started", service,
                              counted(static_cast<std::uint64_t>(state.restarts), "time"))},
          true};
    ReplicaClient replica(world_.context.http, platform, service);
    const auto health = co_await replica.get("/api/health");
    if (!health) co_return Seen{{false, health.error().message}};
    const std::string_view version = string_or(find_member(*health, "version"), "");
    if (version != world_.request.version)
      co_return Seen{{false, fmt::format("{} answers as version {} instead of {}", service, version,
                                         world_.request.version)},
                     true};
    const auto readiness = co_await replica.get("/api/health/readiness");
    if (!readiness) co_return Seen{{false, readiness.error().message}};
    co_return Seen{{true, service + " is ready"}};
  }

  DeployWorld& world_;
};

class SmokeStep final : public KeptStep {
 public:
  explicit SmokeStep(DeployWorld& world) : world_(world) {}

  Async<Result<Observation>> observe() override {
    const bool there = world_.context.files.exists(world_.evidence_folder() / kSmokeEvidence);
    co_return Observation{there, there ? "a workflow ran through the new pool, see " +
                                             (world_.evidence_folder() / kSmokeEvidence).string()
                                       : "no workflow ran through the new pool yet"};
  }

  Async<Status> apply() override {
    AUTERITY_CO_TRY(platform, world_.load());
    const local::Pool* pool = platform.find_pool(world_.request.candidate);
    if (pool == nullptr) co_return fail(ErrorKind::failed, "there is no new pool");
    JsonObject evidence;
    for (const std::string& service : pool->api_names()) {
      AUTERITY_CO_TRY(execution, co_await run_through(platform, service));
      evidence[service] = std::move(execution);
    }
    co_return world_.keep_evidence(kSmokeEvidence, evidence);
  }

 private:
  Async<Result<Json>> run_through(const local::Platform& platform, std::string service) {
    ReplicaClient replica(world_.context.http, platform, service);
    if (world_.token.empty()) {
      AUTERITY_CO_TRY(signed_in, co_await replica.sign_in(platform.credentials));
      world_.token = std::move(signed_in);
    }
    co_return co_await run_smoke_workflow(std::move(replica), world_.token);
  }

  DeployWorld& world_;
};

}  // namespace

std::unique_ptr<Step> make_probe_step(DeployWorld& world, const std::string& name) {
  if (name == kGate) return std::make_unique<GateStep>(world);
  if (name == kSmoke) return std::make_unique<SmokeStep>(world);
  return nullptr;
}

}  // namespace auterity::operations
