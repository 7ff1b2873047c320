#pragma once
// Calls that block (files) on a pool of threads of their own, awaited from the event loop. What the
// call refers to must outlive it; cancelling the awaiting coroutine takes effect when the call has
// returned.
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

template <typename Call>
Async<std::invoke_result_t<Call&>> run_blocking(Executor blocking, Call call) {
  co_return co_await boost::asio::co_spawn(blocking, call_as_coroutine(std::move(call)),
                                           boost::asio::use_awaitable);
}

}  // namespace auterity::data
