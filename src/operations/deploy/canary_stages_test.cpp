#include "operations/deploy/canary_stages.h"

#include <gtest/gtest.h>

namespace auterity::operations {
namespace {

TEST(CanaryStagesTest, AscendTo100) {
  EXPECT_TRUE(check_canary_stages({10, 50, 100}));
  EXPECT_TRUE(check_canary_stages({100}));
  for (const std::vector<int>& wrong :
       {std::vector<int>{}, {10, 50}, {50, 10, 100}, {10, 10, 100}, {0, 100}, {100, 110}}) {
    const Status status = check_canary_stages(wrong);
    ASSERT_FALSE(status);
    EXPECT_NE(status.error().hint.find("--canary 10,50,100"), std::string::npos);
  }
}

TEST(CanaryStagesTest, TheBaselineGetsAsMuchAsTheCandidateWhereThatIsPossible) {
  for (const int percent : {1, 10, 50, 90, 100}) {
    const CanaryShares shares = canary_shares(percent);
    EXPECT_EQ(shares.candidate, percent);
    EXPECT_EQ(shares.candidate + shares.baseline + shares.stable, 100);
    if (percent <= 50) EXPECT_EQ(shares.baseline, percent);
  }
}

}  // namespace
}  // namespace auterity::operations
