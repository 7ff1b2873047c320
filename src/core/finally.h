#pragma once
// Asynchronous work that a cancellation does not cut off: what tidies up, or must not end half
// done. The cancellation is not forgotten: it counts from the caller's next co_await on.
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>
#include <optional>
#include <utility>

#include "core/async.h"
#include "core/error.h"

namespace auterity {

// `work` runs as a coroutine of its own, since turning cancellation off in the caller's would lose
// what the caller's caller asks about: whether it was cancelled.
template <typename T>
Async<Result<T>> uncancelled(Async<Result<T>> work) {
  namespace asio = boost::asio;
  const bool throws = co_await asio::this_coro::throw_if_cancelled();
  co_await asio::this_coro::throw_if_cancelled(false);
  const Executor executor = co_await asio::this_coro::executor;
  std::exception_ptr thrown;
  std::optional<Result<T>> result;
  try {
    result = co_await asio::co_spawn(
        executor, std::move(work),
        asio::bind_cancellation_slot(asio::cancellation_slot(), asio::use_awaitable));
  } catch (...) {
    thrown = std::current_exception();
  }
  co_await asio::this_coro::throw_if_cancelled(throws);
  if (thrown) std::rethrow_exception(thrown);
  co_return std::move(*result);
}

inline Async<Status> as_status(Async<void> work) {
  co_await std::move(work);
  co_return Status{};
}

// Runs `work`, then `tidy_up` uncancelled however `work` ended, then answers what `work` answered
// or lets its exception go on.
template <typename T>
Async<Result<T>> finally(Async<Result<T>> work, Async<void> tidy_up) {
  std::exception_ptr thrown;
  Result<T> result = fail(ErrorKind::internal, "the work did not end");
  try {
    result = co_await std::move(work);
  } catch (...) {
    thrown = std::current_exception();
  }
  // This one may be awaited after a cancellation, too.
  namespace this_coro = boost::asio::this_coro;
  const bool throws = co_await this_coro::throw_if_cancelled();
  co_await this_coro::throw_if_cancelled(false);
  co_await uncancelled(as_status(std::move(tidy_up)));
  co_await this_coro::throw_if_cancelled(throws);
  if (thrown) std::rethrow_exception(thrown);
  co_return result;
}

}  // namespace auterity
