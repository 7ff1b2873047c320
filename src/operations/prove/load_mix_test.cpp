#include "operations/prove/load_mix.h"

#include <gtest/gtest.h>

#include <map>

namespace auterity::operations {
namespace {

TEST(LoadMix, EveryHundredHoldsTheSameShares) {
  for (const std::uint64_t first : {0, 12'300}) {
    std::map<LoadKind, int> counts;
    for (std::uint64_t request = first; request < first + 100; ++request)
      ++counts[kind_of(request)];
    EXPECT_EQ(counts[LoadKind::list], 55);
    EXPECT_EQ(counts[LoadKind::read], 22);
    EXPECT_EQ(counts[LoadKind::start_waiting], 6);
    EXPECT_EQ(counts[LoadKind::start_async], 6);
    EXPECT_EQ(counts[LoadKind::start_sleeper], 1);
    EXPECT_EQ(counts[LoadKind::start_again], 3);
    EXPECT_EQ(counts[LoadKind::upload], 2);
    EXPECT_EQ(counts[LoadKind::download], 5);
  }
}

TEST(LoadMix, KindsAreSpreadOut) {
  int same = 0;
  for (std::uint64_t request = 1; request < 100; ++request)
    if (kind_of(request) != LoadKind::list && kind_of(request) == kind_of(request - 1)) ++same;
  EXPECT_EQ(same, 0);
}

TEST(LoadMix, RequestsAreDueEvenlyHoweverLongTheLoad) {
  EXPECT_EQ(due_at(0, 3), Duration{});
  EXPECT_EQ(due_at(1, 3), Duration(333'333));
  EXPECT_EQ(due_at(2, 3), Duration(666'666));
  EXPECT_EQ(due_at(3, 3), Duration(std::chrono::seconds(1)));
  EXPECT_EQ(due_at(2'000, 2'000), Duration(std::chrono::seconds(1)));
  EXPECT_EQ(due_at(36'000'000'000'000, 100'000), Duration(std::chrono::hours(100'000)));
}

TEST(LoadMix, ConnectionsAreUsedOften) {
  for (const int rate : {1, 10, 500, 2'000, 100'000}) {
    const int connections = connections_for(rate);
    EXPECT_GE(connections, 4);
    EXPECT_LE(connections, 256);
    // Idle ones are closed by the load balancer after a minute.
    EXPECT_LE(due_at(static_cast<std::uint64_t>(connections), rate), std::chrono::seconds(4));
  }
}

TEST(LoadMix, StartsSayWhatTheyAskFor) {
  EXPECT_EQ(start_body(7, StartKind::sleeper), R"({"input":{"number":7,"sleeps":true}})");
  EXPECT_EQ(start_body(8, StartKind::followed),
            R"({"input":{"number":8,"sleeps":false,"followed":true,"turns":[0,0,0,0]}})");
  EXPECT_GT(start_body(8, StartKind::lasting).size(), 200u);
}

TEST(LoadMix, ContentsDiffer) {
  EXPECT_NE(upload_content("a", 1), upload_content("a", 2));
  EXPECT_NE(upload_content("a", 1), upload_content("b", 1));
  EXPECT_GE(upload_content("a", 1).size(), 16u << 10);
  EXPECT_NE(load_workflow("1.0.0-r1").find("\"version\": \"1.0.0-r1\""), std::string::npos);
}

}  // namespace
}  // namespace auterity::operations
