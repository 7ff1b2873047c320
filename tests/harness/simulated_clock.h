#pragma once
// Time that passes only when nothing else can happen. The clock drives an event loop: it runs every
// handler that is ready, then jumps to the next sleeper. The same program takes the same steps
// every time, as fast as the machine allows. One thread; nothing on the loop may wait for the real
// world.
#include <boost/asio/io_context.hpp>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <optional>

#include "core/clock.h"

namespace auterity::harness {

class SimulatedClock final : public Clock {
 public:
  explicit SimulatedClock(boost::asio::io_context& loop,
                          Time begin = from_epoch_microseconds(1'795'000'000'000'000));
  ~SimulatedClock() override;

  Time now() const override { return begin_ + monotonic_; }
  Duration monotonic() const override { return monotonic_; }
  Async<void> sleep(Duration duration) override;

  // Until `done` holds (true), or nothing is left that could make it so, or `limit` of simulated
  // time has passed.
  bool run_until(const std::function<bool()>& done, Duration limit = std::chrono::hours(24 * 365));
  // Lets this much time pass, and everything that falls due in it happen.
  void run_for(Duration duration);
  // Runs `work` to its end; its exceptions come out. Fails by assertion if it cannot end.
  template <typename T>
  T run(Async<T> work);
  void run(Async<void> work);

  std::size_t sleepers() const { return sleepers_.size(); }

 private:
  struct Sleeper;
  using Key = std::pair<Duration, std::uint64_t>;

  bool run_ready(const std::function<bool()>& done);
  // Wakes the next sleeper due by `until`; false when there is none.
  bool jump(Duration until);

  boost::asio::io_context& loop_;
  Time begin_;
  Duration monotonic_ = Duration::zero();
  std::uint64_t order_ = 0;
  std::map<Key, std::shared_ptr<Sleeper>> sleepers_;
};

}  // namespace auterity::harness

#include "harness/simulated_clock_impl.h"
