#include "targets/local/haproxy_servers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace auterity::local {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// Shortened from what HAProxy 2.6.12 writes; the columns' order is not relied upon.
constexpr const char* kStatistics =
    "# pxname,svname,qcur,scur,status,weight,uweight,-,\n"
    "api,blue-api-1,0,3,UP,256,256,-,\n"
    "api,green-api-1,0,0,MAINT,0,0,-,\n"
    "\n";

Platform platform(std::vector<Pool> pools) {
  Platform made;
  made.pools = std::move(pools);
  return made;
}
Pool pool(std::string_view colour, int percent) {
  return {.colour = std::string(colour), .replicas = 1, .percent = percent};
}

TEST(HaproxyServersTest, AreReadByTheNamesOfTheirColumns) {
  const auto servers = parse_servers(kStatistics);
  ASSERT_TRUE(servers) << servers.error().message;
  ASSERT_EQ(servers->size(), 2u);
  EXPECT_EQ(servers->at(0).name, "blue-api-1");
  EXPECT_EQ(servers->at(0).weight, 256);
  EXPECT_EQ(servers->at(0).requests, 3);
  EXPECT_TRUE(servers->at(0).up());
  EXPECT_TRUE(servers->at(1).in_maintenance());
}

TEST(HaproxyServersTest, AnythingElseIsNoStatistics) {
  EXPECT_FALSE(parse_servers("Unknown command\n"));
  EXPECT_FALSE(parse_servers("# pxname,svname\napi,x\n"));
  EXPECT_FALSE(parse_servers(""));
}

TEST(HaproxyServersTest, ANewPoolIsBroughtInBeforeTheOldOneShrinks) {
  const auto servers = parse_servers(kStatistics);
  EXPECT_THAT(split_commands(platform({pool("blue", 0), pool("green", 100)}), *servers),
              ElementsAre("set weight api/green-api-1 256; set server api/green-api-1 state ready",
                          "set weight api/blue-api-1 0"));
}

TEST(HaproxyServersTest, WhatIsAsItShouldBeNeedsNoCommand) {
  EXPECT_THAT(split_commands(platform({pool("blue", 100)}), *parse_servers(kStatistics)),
              IsEmpty());
}

TEST(HaproxyServersTest, APoolThatIsGoneIsTakenOut) {
  const std::vector<BalancerServer> servers{{"blue-api-1", "UP", 256, 0},
                                            {"green-api-1", "UP", 64, 0}};
  EXPECT_THAT(split_commands(platform({pool("blue", 100)}), servers),
              ElementsAre("set weight api/green-api-1 0; set server api/green-api-1 state maint"));
}

}  // namespace
}  // namespace auterity::local
