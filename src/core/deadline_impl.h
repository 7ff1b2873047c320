#pragma once
// Body of with_deadline (deadline.h).
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>
#include <string>

namespace auterity {

template <typename T>
Async<Result<T>> with_deadline(Clock& clock, Duration limit, std::string_view what,
                               Async<Result<T>> work) {
  namespace asio = boost::asio;
  std::string name(what);
  auto executor = co_await asio::this_coro::executor;
  auto outcome = co_await asio::experimental::make_parallel_group(
                     asio::co_spawn(executor, std::move(work), asio::deferred),
                     asio::co_spawn(executor, clock.sleep(limit), asio::deferred))
                     .async_wait(asio::experimental::wait_for_one(), asio::use_awaitable);
  auto& [order, work_error, result, sleep_error] = outcome;
  if (order[0] == 0) {
    if (work_error) std::rethrow_exception(work_error);
    co_return std::move(result);
  }
  // The deadline won; work that finished while it was being cancelled still counts.
  if (!work_error && result) co_return std::move(result);
  co_return fail(ErrorKind::timeout, name + " did not finish in time",
                 "try again, or raise the time limit");
}

}  // namespace auterity
