#pragma once
// Calls that block (files) on a pool of threads of their own, awaited from the event loop. What the
// call refers to must outlive it; cancelling the awaiting coroutine takes effect when the call has
// returned.
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <type_traits>
#include <utility>

#include "core/async.h"

namespace auterity::data {

template <typename Call>
Async<std::invoke_result_t<Call&>> call_as_coroutine(Call call) {
  co_return call();
}

// Runs work that suspends nowhere. A cancellation must not reach the pool: one that arrived before
// the work had begun would be thrown where nothing catches it, and end the process.
template <typename T>
Async<T> run_on_pool(Executor pool, Async<T> work) {
  co_return co_await boost::asio::co_spawn(
      pool, std::move(work),
      boost::asio::bind_cancellation_slot(boost::asio::cancellation_slot(),
                                          boost::asio::use_awaitable));
}

template <typename Call>
Async<std::invoke_result_t<Call&>> run_blocking(Executor blocking, Call call) {
  return run_on_pool(std::move(blocking), call_as_coroutine(std::move(call)));
}

}  // namespace auterity::data
