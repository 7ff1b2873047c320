#include "engine/executor/claimer.h"

#include <algorithm>

namespace auterity::engine {
namespace {

constexpr std::size_t kBatch = 64;

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
  co_return std::min(left, options_.poll);
}

Async<void> Claimer::loop() {
  bool more = true;
  while (!stopped_) {
    if (!more) {
      Duration pause = co_await time_to_next();
      // A full process waits for an execution to leave; what is due is somebody else's meanwhile.
      if (residents_.room() == 0) pause = options_.poll;
      co_await woken_.wait(services_.clock, pause);
    }
    more = co_await run_once() > 0;
  }
}

}  // namespace auterity::engine
