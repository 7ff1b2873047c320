#pragma once
// One event that happens once and wakes the one coroutine waiting for it, now or later. Internal to
// the clients of this module, whose state lives on one event loop; not safe across threads.
// Cancelling the waiting coroutine leaves the event usable.
#include <boost/asio/experimental/channel.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/error_code.hpp>

#include "core/async.h"

namespace auterity::data {

class Completion {
 public:
  explicit Completion(const Executor& executor) : channel_(executor, 1) {}
  void complete() { channel_.try_send(boost::system::error_code{}); }
  Async<void> wait() { co_await channel_.async_receive(boost::asio::use_awaitable); }

 private:
  boost::asio::experimental::channel<void(boost::system::error_code)> channel_;
};

}  // namespace auterity::data
