#include "core/task_group.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <stdexcept>

#include "core/deadline.h"
#include "core/system_clock.h"

namespace auterity {
namespace {

namespace asio = boost::asio;

Async<void> sleep_for_ever(SystemClock& clock, bool& unwound) {
  struct Mark {
    bool& flag;
    ~Mark() { flag = true; }
  } mark{unwound};
  co_await clock.sleep(std::chrono::hours(1));
}

Async<void> throw_error() {
  throw std::runtime_error("broken");
  co_return;
}

TEST(TaskGroup, StopCancelsAndJoinWaits) {
  asio::io_context context;
  SystemClock clock;
  TaskGroup group(context.get_executor(), "test", [](auto, auto) { FAIL(); });
  bool unwound = false, joined = false;
  ASSERT_TRUE(group.spawn("sleeper", sleep_for_ever(clock, unwound)));
  asio::co_spawn(
      context,
      [&]() -> Async<void> {
        co_await group.join();
        joined = true;
      },
      [](std::exception_ptr) {});
  context.poll();
  EXPECT_EQ(group.running(), 1u);
  EXPECT_FALSE(joined);
  group.stop();
  context.restart();
  context.run();
  EXPECT_TRUE(unwound);
  EXPECT_TRUE(joined);
  bool never = false;
  EXPECT_FALSE(group.spawn("late", sleep_for_ever(clock, never)));
}

TEST(TaskGroup, HandsExceptionsToItsHandlerWithTheTasksName) {
  asio::io_context context;
  std::string failed;
  TaskGroup group(context.get_executor(), "test",
                  [&](std::string_view task, std::exception_ptr) { failed = task; });
  group.spawn("bad", throw_error());
  context.run();
  EXPECT_EQ(failed, "bad");
}

TEST(Deadline, CancelsWorkThatIsLate) {
  asio::io_context context;
  SystemClock clock;
  bool unwound = false;
  const auto work = [&]() -> Async<Result<int>> {
    co_await sleep_for_ever(clock, unwound);
    co_return 1;
  };
  auto answer = asio::co_spawn(
      context, with_deadline<int>(clock, std::chrono::milliseconds(1), "the work", work()),
      asio::use_future);
  context.run();
  const auto result = answer.get();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::timeout);
  EXPECT_TRUE(unwound);
}

TEST(Deadline, PassesOnWhatIsInTime) {
  asio::io_context context;
  SystemClock clock;
  const auto work = []() -> Async<Result<int>> { co_return 42; };
  auto answer =
      asio::co_spawn(context, with_deadline<int>(clock, std::chrono::hours(1), "the work", work()),
                     asio::use_future);
  context.run();
  EXPECT_EQ(answer.get(), 42);
}

}  // namespace
}  // namespace auterity
