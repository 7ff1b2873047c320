#include "api/process/process_end.h"

#include <gtest/gtest.h>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <stdexcept>

#include "harness/event_loop.h"
#include "harness/simulated_clock.h"

namespace auterity::api {
namespace {

class ProcessEndTest : public ::testing::Test {
 protected:
  ProcessEndTest()
      : duties_(
            loop_.executor(), "duties",
            [this](std::string_view duty, std::exception_ptr error) { end_.broke(duty, error); }) {}

  Async<void> asked() { co_return; }
  Async<void> never() { co_await never_.async_wait(boost::asio::use_awaitable); }
  Async<void> bug() {
    co_await boost::asio::this_coro::executor;
    throw std::logic_error("a bug");
  }
  Status wait(Async<void> stop) {
    const Status ended = loop_.run(end_.wait(duties_, std::move(stop)));
    duties_.stop();
    loop_.run(duties_.join());
    return ended;
  }

  harness::EventLoop loop_;
  harness::SilentLog log_;
  boost::asio::steady_timer never_{loop_.executor(), boost::asio::steady_timer::time_point::max()};
  ProcessEnd end_{loop_.executor(), log_, "api"};
  TaskGroup duties_;
};

TEST_F(ProcessEndTest, AskedToEndItEndsWell) { EXPECT_TRUE(wait(asked())); }

TEST_F(ProcessEndTest, ABrokenDutyEndsTheProcessWithItsName) {
  duties_.spawn("leases", bug());
  const Status ended = wait(never());
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.error().kind, ErrorKind::internal);
  EXPECT_EQ(ended.error().message, "the duty leases ended: a bug");
}

}  // namespace
}  // namespace auterity::api
