#include "targets/local/traffic_split.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace auterity::local {
namespace {

using ::testing::Pair;
using ::testing::UnorderedElementsAre;

Pool pool(std::string_view colour, int percent, int replicas) {
  return {.colour = std::string(colour), .replicas = replicas, .percent = percent};
}

TEST(TrafficSplitTest, OnePoolGetsEverything) {
  EXPECT_THAT(server_weights({pool("blue", 100, 2), pool("green", 0, 2)}),
              UnorderedElementsAre(Pair("blue", 256), Pair("green", 0)));
}

TEST(TrafficSplitTest, SharesCountForPoolsAndNotForServers) {
  // 40 % for each server of blue, 10 % for the others.
  EXPECT_THAT(server_weights({pool("blue", 80, 2), pool("baseline", 10, 1), pool("green", 10, 1)}),
              UnorderedElementsAre(Pair("blue", 256), Pair("baseline", 64), Pair("green", 64)));
}

TEST(TrafficSplitTest, ASmallShareIsNeverRoundedToNothing) {
  EXPECT_EQ(server_weights({pool("blue", 99, 1), pool("green", 1, 20)}).at("green"), 1);
}

TEST(TrafficSplitTest, APlatformWithoutReplicasHasNoWeights) {
  EXPECT_THAT(server_weights({pool("blue", 100, 0)}), UnorderedElementsAre(Pair("blue", 0)));
}

TEST(TrafficSplitTest, SharesMustBeAWhole) {
  EXPECT_TRUE(check_shares({pool("blue", 90, 2), pool("green", 10, 1)}));
  EXPECT_FALSE(check_shares({pool("blue", 80, 2), pool("green", 10, 1)}));
  EXPECT_FALSE(check_shares({pool("blue", 90, 2), pool("green", 10, 0)}));
  EXPECT_FALSE(check_shares({pool("blue", 110, 2), pool("green", -10, 1)}));
}

}  // namespace
}  // namespace auterity::local
