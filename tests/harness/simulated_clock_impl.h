#pragma once
// Body of SimulatedClock::run (simulated_clock.h).
#include <boost/asio/co_spawn.hpp>
#include <cassert>

namespace auterity::harness {

template <typename T>
T SimulatedClock::run(Async<T> work) {
  std::optional<T> outcome;
  std::exception_ptr error;
  boost::asio::co_spawn(loop_, std::move(work), [&](std::exception_ptr e, T value) {
    error = e;
    outcome.emplace(std::move(value));
  });
  const bool ended = run_until([&] { return outcome.has_value(); });
  assert(ended && "the work cannot end: nothing is ready and nobody sleeps");
  static_cast<void>(ended);
  if (error) std::rethrow_exception(error);
  return std::move(*outcome);
}

}  // namespace auterity::harness
