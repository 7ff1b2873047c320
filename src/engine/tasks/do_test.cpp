#include <gtest/gtest.h>

#include "harness/pure_run.h"

namespace auterity::engine {
namespace {

using harness::PureRun;
using Facts = std::vector<std::string>;

Json json(std::string_view text) { return *parse_json(text); }

TEST(DoTask, HandsDataFromTaskToTask) {
  PureRun run(R"(
do:
  - outer:
      do:
        - one: {set: {n: '${ .start }'}}
        - two: {set: {m: '${ .n }'}}
      output: {as: '{ result: .m }'}
)",
              json(R"({"start":5})"));
  run.through_storage().run();
  EXPECT_EQ(run.output(), json(R"({"result":5})"));
  EXPECT_EQ(run.facts("task.completed"),
            (Facts{"task.completed /do/0/outer/do/0/one", "task.completed /do/0/outer/do/1/two",
                   "task.completed /do/0/outer"}));
}

TEST(DoTask, ExitLeavesItsListOnly) {
  PureRun run(R"(
do:
  - outer:
      do:
        - one: {set: {n: 1}, then: exit}
        - two: {set: {n: 2}}
  - after: {set: {after: '${ .n }'}}
)");
  run.run();
  EXPECT_EQ(run.output(), json(R"({"after":1})"));
}

TEST(DoTask, EndEndsTheWorkflowFromAnyDepth) {
  PureRun run(R"(
do:
  - outer:
      do:
        - inner: {do: [{one: {set: {n: 1}, then: end}}, {two: {set: {n: 2}}}]}
  - after: {set: {after: true}}
output: {as: '{ final: .n }'}
)");
  EXPECT_EQ(run.run().status, ExecutionStatus::completed);
  EXPECT_EQ(run.output(), json(R"({"final":1})"));
  EXPECT_EQ(run.facts("task.started").size(), 3u);
  EXPECT_EQ(run.facts("task.completed").size(), 3u);
}

TEST(DoTask, GoesToANamedTaskOfItsOwnList) {
  PureRun run(R"(
do:
  - one: {set: {n: '${ [1] }'}, then: three}
  - two: {set: {n: '${ .n + [2] }'}, then: end}
  - three: {set: {n: '${ .n + [3] }'}, then: two}
)");
  run.run();
  EXPECT_EQ(run.output(), json(R"({"n":[1,3,2]})"));
}

TEST(DoTask, ASkippedTaskPassesItsInputOnAndItsThenHolds) {
  PureRun run(R"(
do:
  - one: {if: .go, set: {n: 1}, output: {as: '{never: true}'}, then: three}
  - two: {set: {wrong: true}}
  - three: {set: {kept: '${ .go }'}}
)",
              json(R"({"go":false})"));
  run.run();
  EXPECT_EQ(run.output(), json(R"({"kept":false})"));
  EXPECT_EQ(run.facts("task.started"), (Facts{"task.started /do/2/three"}));
}

}  // namespace
}  // namespace auterity::engine
