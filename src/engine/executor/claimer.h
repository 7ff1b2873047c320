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
  // Something may be claimable now.
  void wake();
  // The store has learnt of something that falls due at `time`.
  void wake_at(Time time);
  // An execution has left: of interest only when there was no room.
  void room_made();
  void stop();

 private:
  Async<void> pause();
  Async<Duration> time_to_next();

  EngineServices& services_;
  const EngineOptions& options_;
  EngineMetrics& metrics_;
  Residents& residents_;
  Adopt adopt_;
  Signal woken_;
  bool wanted_ = true;    // to look at once; a wake-up during a claim is not forgotten
  bool starved_ = false;  // the last look found no room
  Time planned_;          // when it looks next of its own accord
  bool stopped_ = false;
};

}  // namespace auterity::engine
