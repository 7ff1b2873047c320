#include "operations/deploy/traffic_split.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace auterity::operations {
namespace {

using ::testing::Pair;
using ::testing::UnorderedElementsAre;

TEST(TrafficSplitTest, OnePoolGetsEverything) {
  const auto weights = server_weights({{"blue", 100, 2}, {"green", 0, 2}});
  ASSERT_TRUE(weights) << weights.error().message;
  EXPECT_THAT(*weights, UnorderedElementsAre(Pair("blue", 256), Pair("green", 0)));
}

TEST(TrafficSplitTest, SharesCountForPoolsAndNotForServers) {
  const auto weights = server_weights({{"blue", 80, 2}, {"baseline", 10, 1}, {"green", 10, 1}});
  ASSERT_TRUE(weights) << weights.error().message;
  // 40 % for each server of blue, 10 % for the others.
  EXPECT_THAT(*weights,
              UnorderedElementsAre(Pair("blue", 256), Pair("baseline", 64), Pair("green", 64)));
}

TEST(TrafficSplitTest, ASmallShareIsNeverRoundedToNothing) {
  const auto weights = server_weights({{"blue", 99, 1}, {"green", 1, 20}});
  ASSERT_TRUE(weights) << weights.error().message;
  EXPECT_EQ(weights->at("green"), 1);
}

TEST(TrafficSplitTest, RefusesSharesThatAreNotAWhole) {
  EXPECT_FALSE(server_weights({{"blue", 80, 2}, {"green", 10, 1}}));
  EXPECT_FALSE(server_weights({{"blue", 90, 2}, {"green", 10, 0}}));
  EXPECT_FALSE(server_weights({{"blue", 110, 2}, {"green", -10, 1}}));
}

TEST(TrafficSplitTest, CanaryStagesAscendTo100) {
  EXPECT_TRUE(check_canary_stages({10, 50, 100}));
  EXPECT_TRUE(check_canary_stages({100}));
  for (const std::vector<int>& wrong :
       {std::vector<int>{}, {10, 50}, {50, 10, 100}, {10, 10, 100}, {0, 100}, {100, 110}}) {
    const Status status = check_canary_stages(wrong);
    ASSERT_FALSE(status);
    EXPECT_NE(status.error().hint.find("--canary 10,50,100"), std::string::npos);
  }
}

TEST(TrafficSplitTest, TheBaselineGetsAsMuchAsTheCandidateWhereThatIsPossible) {
  for (const int percent : {1, 10, 50, 90, 100}) {
    const CanaryShares shares = canary_shares(percent);
    EXPECT_EQ(shares.candidate, percent);
    EXPECT_EQ(shares.candidate + shares.baseline + shares.stable, 100);
    if (percent <= 50) EXPECT_EQ(shares.baseline, percent);
  }
}

}  // namespace
}  // namespace auterity::operations
