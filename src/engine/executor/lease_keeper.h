#pragma once
// Keeps the leases of the executions in memory. Purpose: an owner stays the owner as long as it
// lives, and stops before another can take over when it cannot say so. Invariant: a lease is
// trusted for four fifths of its length from the moment its renewal was sent, so that this process
// has stopped writing before the store lets somebody else claim, whatever the answer's delay and
// small differences of clocks. A renewal is also how this process hears of a requested cancel or
// suspend.
#include <set>

#include "core/clock.h"
#include "core/log.h"
#include "engine/executor/residents.h"
#include "engine/executor/signal.h"
#include "engine/store/execution_store.h"

namespace auterity::engine {

// Until when a lease taken or renewed at `monotonic` is trusted.
inline Duration trusted_until(Duration monotonic, Duration lease) {
  return monotonic + lease * 4 / 5;
}

class LeaseKeeper {
 public:
  LeaseKeeper(EngineServices& services, const EngineOptions& options, EngineMetrics& metrics,
              Residents& residents);

  // Renews what was not renewed for a third of the lease; drops what is no longer trusted.
  Async<void> run_once();
  // Renews one, to hear of a request: at once, but not more often than a few times a second.
  Async<void> renew_soon(Uuid id);
  // run_once() six times a lease, until cancelled.
  Async<void> loop();

 private:
  using Runs = std::vector<std::shared_ptr<ExecutionRun>>;
  Async<void> renew(Runs runs);
  void take_answer(ExecutionRun& run, const ExecutionStore::Renewal& renewal, Duration sent);
  void drop_untrusted();
  void lose(ExecutionRun& run);

  EngineServices& services_;
  const EngineOptions& options_;
  EngineMetrics& metrics_;
  Residents& residents_;
  std::set<Uuid> soon_;
};

}  // namespace auterity::engine
