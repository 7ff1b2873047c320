#pragma once
// Takes executions over from the store: those that are ready, whose timer is due or whose owner
// died. Woken by the bus, by the next time at which something falls due, and by polling, which
// alone is enough: losing a wake-up costs latency only.
#include <functional>

#include "core/clock.h"
#include "core/log.h"
#include "engine/executor/residents.h"
#include "engine/executor/signal.h"
#include "engine/store/execution_store.h"

namespace auterity::engine {

class Claimer {
 public:
  // Called with each execution claimed and the monotonic time at which the claim was sent.
  using Adopt = std::function<void(ClaimedExecution claimed, Duration sent)>;

  Claimer(EngineServices& services, const EngineOptions& options, EngineMetrics& metrics,
          Residents& residents, Adopt adopt);

  // Claims as many as there is room for, once; how many there were.
  Async<std::size_t> run_once();
  Async<void> loop();
  // Something may be claimable, now or at a time that the store has learnt.
  void wake() { woken_.notify(); }
  void stop() { stopped_ = true; }

 private:
  Async<Duration> time_to_next();

  EngineServices& services_;
  const EngineOptions& options_;
  EngineMetrics& metrics_;
  Residents& residents_;
  Adopt adopt_;
  Signal woken_;
  bool stopped_ = false;
};

}  // namespace auterity::engine
