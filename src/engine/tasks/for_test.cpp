#include <gtest/gtest.h>

#include "harness/pure_run.h"

namespace auterity::engine {
namespace {

using harness::PureRun;

Json json(std::string_view text) { return *parse_json(text); }

TEST(ForTask, EachIterationGetsTheOutputOfTheOneBefore) {
  PureRun run(R"(
do:
  - sum:
      for: {each: n, at: i, in: .numbers}
      do: [{add: {set: {total: '${ (.total // 0) + $n * $i }'}}}]
)",
              json(R"({"numbers":[5,6,7]})"));
  run.through_storage().run();
  EXPECT_EQ(run.output(), json(R"({"total":20})"));
}

TEST(ForTask, AnEmptyCollectionPassesTheInputOn) {
  PureRun run("do: [{each: {for: {in: .none}, do: [{a: {set: {x: 1}}}]}}]", json(R"({"none":[]})"));
  run.run();
  EXPECT_EQ(run.output(), json(R"({"none":[]})"));
}

TEST(ForTask, WhileIsAskedBeforeEachIteration) {
  PureRun run(R"(
do:
  - each:
      for: {in: '[1, 2, 3, 4]'}
      while: (.taken | length) < 2 and $item < 4
      do: [{take: {set: {taken: '${ .taken + [$item] }'}}}]
)");
  run.through_storage().run();
  EXPECT_EQ(run.output(), json(R"({"taken":[1,2]})"));
}

TEST(ForTask, ExitEndsTheIterationAndNotTheLoop) {
  PureRun run(R"(
do:
  - each:
      for: {in: '[1, 2, 3]'}
      do:
        - odd: {switch: [{even: {when: $item == 2, then: exit}}]}
        - take: {set: {taken: '${ .taken + [$item] }'}}
)");
  run.run();
  EXPECT_EQ(run.output(), json(R"({"taken":[1,3]})"));
}

TEST(ForTask, InnerVariablesHideOuterOnesAndGoWithTheLoop) {
  PureRun run(R"(
do:
  - outer:
      for: {each: x, in: '["a", "b"]'}
      do:
        - inner:
            for: {each: y, in: '[1, 2]'}
            do: [{take: {set: {seen: '${ .seen + [$x + ($y | tostring) + ($index | tostring)] }'}}}]
)");
  run.run();
  EXPECT_EQ(run.output(), json(R"({"seen":["a10","a21","b10","b21"]})"));
}

TEST(ForTask, WhatIsNoArrayIsAnExpressionError) {
  for (const auto& [input, kind] :
       {std::pair{R"({"in":{"a":1}})", "an object"}, std::pair{"{}", "null"},
        std::pair{R"({"in":3})", "a number"}}) {
    PureRun run("do: [{each: {for: {in: .in}, do: [{a: {set: {x: 1}}}]}}]", json(input));
    EXPECT_EQ(run.run().status, ExecutionStatus::faulted);
    EXPECT_EQ(*find_pointer(run.error(), "/detail"),
              Json("for.in must yield an array, not " + std::string(kind)));
  }
}

TEST(ForTask, ALongLoopTakesTurns) {
  Json input = JsonObject{{"items", JsonArray(5000, 1)}};
  PureRun run("do: [{each: {for: {in: .items}, do: [{a: {set: {i: '${ $index }'}}}]}}]", input);
  run.run();
  EXPECT_EQ(run.output(), json(R"({"i":4999})"));
}

}  // namespace
}  // namespace auterity::engine
