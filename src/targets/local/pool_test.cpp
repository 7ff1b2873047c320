#include "targets/local/pool.h"

#include <gtest/gtest.h>

namespace auterity::local {
namespace {

TEST(PoolTest, NamesItsServicesByColour) {
  const Pool pool{.colour = "green", .replicas = 2, .workers = 1};
  EXPECT_EQ(pool.api_names(), (std::vector<std::string>{"green-api-1", "green-api-2"}));
  EXPECT_EQ(pool.worker_names(), std::vector<std::string>{"green-worker-1"});
}

TEST(PoolTest, KnowsWhoseAServiceIs) {
  const PoolMember member = parse_member("baseline-worker-12");
  EXPECT_EQ(member.colour, "baseline");
  EXPECT_EQ(member.component, "worker-12");
  EXPECT_FALSE(member.is_api());
  EXPECT_TRUE(parse_member("blue-api-1").is_api());
  for (const std::string_view other : {"postgres", "blue", "blue-", "api-1", "red-api-1", ""})
    EXPECT_EQ(parse_member(other).colour, "") << other;
}

}  // namespace
}  // namespace auterity::local
