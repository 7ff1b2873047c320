#include "engine/executor/outcomes.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "harness/simulated_clock.h"

namespace auterity::engine {
namespace {

class OutcomesTest : public testing::Test {
 protected:
  static ExecutionView view(std::uint8_t number, std::size_t size = 1) {
    ExecutionView view;
    view.id.bytes[15] = number;
    view.output = std::string(size, 'x');
    return view;
  }

  boost::asio::io_context loop_;
  harness::SimulatedClock clock_{loop_};
  Outcomes outcomes_{loop_.get_executor()};
};

TEST_F(OutcomesTest, AnOutcomeIsHandedOutOnce) {
  outcomes_.remember(view(1));
  EXPECT_TRUE(outcomes_.take(view(1).id));
  EXPECT_FALSE(outcomes_.take(view(1).id));
}

TEST_F(OutcomesTest, LargeOnesAreNotKept) {
  outcomes_.remember(view(1, 100'000));
  EXPECT_FALSE(outcomes_.take(view(1).id));
}

TEST_F(OutcomesTest, TheOldestMakeRoom) {
  for (std::uint8_t i = 1; i <= 200; ++i) outcomes_.remember(view(i, 50'000));
  EXPECT_FALSE(outcomes_.take(view(1).id));
  EXPECT_TRUE(outcomes_.take(view(200).id));
}

TEST_F(OutcomesTest, WhoeverWaitsIsWokenByItsOwnExecutionAlone) {
  int woken = 0;
  const auto wait = [&](std::uint8_t number) -> Async<void> {
    const Duration begun = clock_.monotonic();
    co_await outcomes_.wait(view(number).id, clock_, std::chrono::seconds(10));
    if (clock_.monotonic() - begun < std::chrono::seconds(10)) ++woken;
  };
  for (std::uint8_t number : {1, 1, 2})
    boost::asio::co_spawn(loop_, wait(number), [](std::exception_ptr) {});
  clock_.run_for(std::chrono::seconds(1));
  outcomes_.remember(view(1));
  clock_.run_for(std::chrono::seconds(20));
  EXPECT_EQ(woken, 2);
}

}  // namespace
}  // namespace auterity::engine
