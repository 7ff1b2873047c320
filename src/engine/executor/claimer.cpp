#include "engine/executor/claimer.h"

#include <algorithm>

namespace auterity::engine {
namespace {

constexpr std::size_t kBatch = 64;
constexpr Duration kAfterMiss = std::chrono::milliseconds(10);

}  // namespace

Claimer::Claimer(EngineServices& services, const EngineOptions& options, EngineMetrics& metrics,
                 Residents& residents, Adopt adopt)
    : services_(services),
      options_(options),
      metrics_(metrics),
      residents_(residents),
      adopt_(std::move(adopt)),
      woken_(services.executor) {}

Async<std::size_t> Claimer::run_once() {
  const std::size_t room = std::min(residents_.room(), kBatch);
  if (room == 0 || stopped_) co_return 0;
  const Duration sent = services_.clock.monotonic();
  auto claimed = co_await services_.executions.claim(options_.owner, room, options_.lease);
  if (!claimed) {
    services_.log.warning("engine", "claiming executions failed and is tried again",
                          {{"reason", Json(claimed.error().message)}});
    co_return 0;
  }
  for (ClaimedExecution& execution : *claimed) {
    metrics_.claims.add();
    services_.log.debug("engine", "execution claimed",
                        {{"execution_id", Json(to_text(execution.id))}, {"term", execution.term}});
    adopt_(std::move(execution), sent);
  }
  co_return claimed->size() == room ? room : 0;
}

// How long to wait before something falls due; at most the polling interval.
Async<Duration> Claimer::time_to_next() {
  const auto due = co_await services_.executions.next_due();
  if (!due || !*due) {
    metrics_.queue_age_seconds.set(0);
    co_return options_.poll;
  }
  const Duration left = **due - services_.clock.now();
  metrics_.queue_age_seconds.set(std::max(0.0, -std::chrono::duration<double>(left).count()));
  // What is due and was not given is being taken by somebody else, or the clocks differ: not a
  // reason to spin.
  co_return left > Duration::zero() ? std::min(left, options_.poll) : kAfterMiss;
}

void Claimer::wake() {
  wanted_ = true;
  woken_.notify();
}

void Claimer::wake_at(Time time) {
  if (time < planned_) wake();
}

void Claimer::room_made() {
  if (starved_) wake();
}

void Claimer::stop() {
  stopped_ = true;
  woken_.notify();
}

Async<void> Claimer::pause() {
  // Whatever falls due is news until the answer is here: it may be older than that.
  planned_ = Time::max();
  // A full process does not ask what is due: it could not take it.
  const Duration pause = starved_ ? options_.poll : co_await time_to_next();
  planned_ = services_.clock.now() + pause;
  if (!wanted_ && !stopped_) co_await woken_.wait(services_.clock, pause);
}

Async<void> Claimer::loop() {
  while (!stopped_) {
    if (!wanted_) co_await pause();
    wanted_ = false;
    starved_ = residents_.room() == 0;
    if (!starved_ && co_await run_once() > 0) wanted_ = true;
  }
}

}  // namespace auterity::engine
