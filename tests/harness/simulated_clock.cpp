#include "harness/simulated_clock.h"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

namespace auterity::harness {
namespace asio = boost::asio;

struct SimulatedClock::Sleeper {
  explicit Sleeper(asio::io_context& loop) : never(loop) {
    never.expires_at(asio::steady_timer::time_point::max());
  }
  asio::steady_timer never;  // cancelling it wakes the sleeper
  bool woken = false;
};

SimulatedClock::SimulatedClock(asio::io_context& loop, Time begin) : loop_(loop), begin_(begin) {}
SimulatedClock::~SimulatedClock() = default;

Async<void> SimulatedClock::sleep(Duration duration) {
  if (duration <= Duration::zero()) co_return;
  const auto sleeper = std::make_shared<Sleeper>(loop_);
  const Key key{monotonic_ + duration, ++order_};
  sleepers_.emplace(key, sleeper);
  boost::system::error_code ignored;
  co_await sleeper->never.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  if (sleeper->woken) co_return;
  sleepers_.erase(key);
  throw boost::system::system_error(asio::error::operation_aborted);
}

// Whether `done` holds, at the latest when nothing is ready any more.
bool SimulatedClock::run_ready(const std::function<bool()>& done) {
  loop_.restart();
  while (!done())
    if (loop_.poll_one() == 0) return done();
  return true;
}

bool SimulatedClock::jump(Duration until) {
  if (sleepers_.empty() || sleepers_.begin()->first.first > until) return false;
  const auto next = sleepers_.begin();
  monotonic_ = next->first.first;
  next->second->woken = true;
  next->second->never.cancel();
  sleepers_.erase(next);
  return true;
}

bool SimulatedClock::run_until(const std::function<bool()>& done, Duration limit) {
  const Duration until = monotonic_ + limit;
  for (;;) {
    if (run_ready(done)) return true;
    if (!jump(until)) return false;
  }
}

void SimulatedClock::run_for(Duration duration) {
  const Duration until = monotonic_ + duration;
  run_until([] { return false; }, duration);
  monotonic_ = until;
}

void SimulatedClock::run(Async<void> work) {
  bool ended = false;
  std::exception_ptr error;
  asio::co_spawn(loop_, std::move(work), [&](std::exception_ptr e) {
    error = e;
    ended = true;
  });
  [[maybe_unused]] const bool possible = run_until([&] { return ended; });
  assert(possible && "the work cannot end: nothing is ready and nobody sleeps");
  if (error) std::rethrow_exception(error);
}

}  // namespace auterity::harness
