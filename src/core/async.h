#pragma once
// The one alias of asynchronous work: Async<T> is what a coroutine of this project returns. Rules
// (STYLE): parameters by value or references to services that outlive the loop; no lock and no idle
// transaction across co_await; spawn through TaskGroup only.
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

namespace auterity {

template <typename T>
using Async = boost::asio::awaitable<T>;
using Executor = boost::asio::any_io_executor;

}  // namespace auterity
