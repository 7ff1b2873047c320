#pragma once
// Time as a service. SystemClock (system_clock.h) is built by main alone; tests use the simulated
// clock of tests/harness.
#include "core/async.h"
#include "core/time.h"

namespace auterity {

class Clock {
 public:
  virtual ~Clock() = default;

  // Wall clock, UTC. For stored times and anything a person reads.
  virtual Time now() const = 0;
  // Never goes back; origin arbitrary. For durations, deadlines and leases.
  virtual Duration monotonic() const = 0;
  // Completes once monotonic() has advanced by `duration` (at once when it is not positive).
  // Honours Asio cancellation of the calling coroutine by throwing operation_aborted, like every
  // asynchronous operation here.
  virtual Async<void> sleep(Duration duration) = 0;
};

}  // namespace auterity
