#include "operations/deploy/canary_watch.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "operations/deploy/turn_back.h"

namespace auterity::operations {
namespace {

constexpr Duration kTick = std::chrono::milliseconds(20);
constexpr int kTicksPerReading = 5;
constexpr Duration kJudgementInterval = std::chrono::seconds(1);
constexpr int kSyntheticAtOnce = 25;

}  // namespace

CanaryWatch::CanaryWatch(DeployWorld& world, local::Platform platform, bool compared)
    : world_(world),
      platform_(std::move(platform)),
      compared_(compared),
      log_(platform_.layout.logs() / "haproxy"),
      synthetic_(world.context, platform_, world.token),
      sampler_(world.context.random, local::kBaseline, world.request.candidate,
               world.context.clock.now()),
      next_look_(std::min(kJudgementInterval, world.request.bake)) {}

Status CanaryWatch::read_log() {
  AUTERITY_TRY(lines, log_.read());
  for (const std::string& line : lines)
    if (auto request = parse_request_line(line)) sampler_.add(*request);
  return {};
}

std::optional<StageLook> CanaryWatch::look(Duration elapsed) {
  if (elapsed < next_look_) return std::nullopt;
  const Duration bake = world_.request.bake;
  next_look_ = elapsed + kJudgementInterval;
  // The end of the stage is not missed.
  if (elapsed < bake) next_look_ = std::min(next_look_, bake);
  return look_at_stage(sampler_.samples(), world_.request.thresholds,
                       {.compared = compared_, .elapsed = elapsed, .bake = bake});
}

Async<Result<std::optional<std::string>>> CanaryWatch::find_fault() {
  auto supervisor = supervisor_of(world_.context, platform_);
  const local::Pool* pool = platform_.find_pool(world_.request.candidate);
  if (pool == nullptr) co_return std::nullopt;
  for (const auto& names : {pool->api_names(), pool->worker_names()})
    for (const std::string& service : names) {
      AUTERITY_CO_TRY(state, co_await supervisor.state(service));
      if (state.restarts > 0)
        co_return fmt::format("{} died {} times since it was started", service, state.restarts);
    }
  co_return std::nullopt;
}

Async<Result<WatchResult>> CanaryWatch::run() {
  Clock& clock = world_.context.clock;
  const Duration begun = clock.monotonic();
  CanaryVerdict verdict;
  StageNext next = StageNext::watch;
  for (int tick = 1;; ++tick) {
    co_await clock.sleep(kTick);
    if (const auto wish =
            find_turn_back(world_.context.files, world_.context.layout, world_.request.evidence)) {
      verdict.outcome = CanaryOutcome::worse;
      verdict.reason = to_text(*wish);
      break;
    }
    if (tick % kTicksPerReading != 0) continue;
    AUTERITY_CO_CHECK(read_log());
    AUTERITY_CO_TRY(fault, co_await find_fault());
    if (fault) {
      verdict.outcome = CanaryOutcome::worse;
      verdict.reason = std::move(*fault);
      break;
    }
    if (auto seen = look(clock.monotonic() - begun)) {
      verdict = std::move(seen->verdict);
      next = seen->next;
    }
    if (next == StageNext::end) break;
    if (next == StageNext::fill) AUTERITY_CO_CHECK(co_await synthetic_.send(kSyntheticAtOnce));
  }
  verdict.figures["watched_s"] = std::chrono::duration<double>(clock.monotonic() - begun).count();
  verdict.figures["synthetic_requests"] = synthetic_.sent();
  if (synthetic_.sent() > 0)
    verdict.reason += fmt::format(
        "; {} requests of this stage were synthetic, counted over all pools", synthetic_.sent());
  verdict.figures["outcome"] = name_of(verdict.outcome);
  verdict.figures["reason"] = verdict.reason;
  co_return WatchResult{std::move(verdict), sampler_.samples()};
}

}  // namespace auterity::operations
