#pragma once
// Asynchronous tidying up that happens however the work before it ended, by cancellation too.
#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/this_coro.hpp>
#include <exception>
#include <utility>

#include "core/async.h"
#include "core/error.h"

namespace auterity {

// Runs `work`, then `tidy_up` with cancellation off, then answers what `work` answered or lets its
// exception go on.
template <typename T>
Async<Result<T>> finally(Async<Result<T>> work, Async<void> tidy_up) {
  namespace this_coro = boost::asio::this_coro;
  std::exception_ptr thrown;
  Result<T> result = fail(ErrorKind::internal, "the work did not end");
  try {
    result = co_await std::move(work);
  } catch (...) {
    thrown = std::current_exception();
  }
  co_await this_coro::reset_cancellation_state(boost::asio::disable_cancellation());
  co_await std::move(tidy_up);
  if (thrown) std::rethrow_exception(thrown);
  co_return result;
}

}  // namespace auterity
