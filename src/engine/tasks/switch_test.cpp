#include <gtest/gtest.h>

#include "harness/pure_run.h"

namespace auterity::engine {
namespace {

using harness::PureRun;

Json json(std::string_view text) { return *parse_json(text); }

constexpr std::string_view kOrders = R"(
do:
  - choose:
      switch:
        - fallback: {then: other}
        - big: {when: .total > 100, then: large}
        - free: {when: .total == 0, then: exit}
        - stop: {when: .total < 0, then: end}
        - paid: {when: .paid, then: continue}
  - next: {set: {went: next}, then: end}
  - large: {set: {went: large}, then: end}
  - other: {set: {went: other}, then: end}
)";

std::string went(std::string_view input) {
  PureRun run(kOrders, json(input));
  run.through_storage().run();
  const Json output = run.output();
  return std::string(string_or(find_member(output, "went"), "nowhere"));
}

TEST(SwitchTask, TheFirstCaseThatHoldsWins) {
  EXPECT_EQ(went(R"({"total":150,"paid":true})"), "large");
}
TEST(SwitchTask, TheDefaultIsTakenLastWhereverItStands) {
  EXPECT_EQ(went(R"({"total":5})"), "other");
}
TEST(SwitchTask, ContinueGoesToTheNextTask) { EXPECT_EQ(went(R"({"total":5,"paid":1})"), "next"); }
TEST(SwitchTask, ExitLeavesTheList) { EXPECT_EQ(went(R"({"total":0})"), "nowhere"); }
TEST(SwitchTask, EndEndsTheWorkflow) { EXPECT_EQ(went(R"({"total":-1})"), "nowhere"); }

TEST(SwitchTask, WithoutAMatchItsOwnThenHolds) {
  PureRun run(R"(
do:
  - choose: {switch: [{never: {when: 'false', then: two}}], then: three}
  - two: {set: {went: two}, then: end}
  - three: {set: {went: three}}
)");
  run.run();
  EXPECT_EQ(run.output(), json(R"({"went":"three"})"));
}

TEST(SwitchTask, DataPassesThroughUnchanged) {
  PureRun run("do: [{choose: {switch: [{all: {then: continue}}]}}]", json(R"({"a":[1]})"));
  run.run();
  EXPECT_EQ(run.output(), json(R"({"a":[1]})"));
}

}  // namespace
}  // namespace auterity::engine
