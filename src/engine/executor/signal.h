#pragma once
// A condition variable of one event loop: wakes everybody who waits. A waiter checks its condition
// before it waits; nothing is remembered.
#include <boost/asio/steady_timer.hpp>

#include "core/async.h"
#include "core/clock.h"

namespace auterity::engine {

class Signal {
 public:
  explicit Signal(Executor executor);

  void notify();
  // Completes at the next notify().
  Async<void> wait();
  // Whether notify() came before `limit` had passed.
  Async<bool> wait(Clock& clock, Duration limit);

 private:
  boost::asio::steady_timer never_;  // never expires; cancelling it wakes its waiters
};

}  // namespace auterity::engine
