#include <gtest/gtest.h>

#include "harness/pure_run.h"

namespace auterity::engine {
namespace {

using harness::PureRun;
using Facts = std::vector<std::string>;

Json json(std::string_view text) { return *parse_json(text); }

TEST(ForkTask, OutputsComeInDeclaredOrder) {
  PureRun run(R"(
do:
  - all:
      fork:
        branches:
          - slow: {do: [{nap: {wait: {seconds: 5}}}, {a: {set: {n: '${ .x }'}}}]}
          - quick: {set: {n: 2}}
          - middle: {wait: {seconds: 2}}
)",
              json(R"({"x":1})"));
  run.through_storage().run();
  EXPECT_EQ(run.output(), json(R"([{"n":1},{"n":2},{"x":1}])"));
  EXPECT_EQ(run.elapsed(), std::chrono::seconds(5));
}

TEST(ForkTask, TheFirstToEndWinsAndTheOthersAreCancelled) {
  PureRun run(R"(
do:
  - race:
      fork:
        compete: true
        branches:
          - slow: {do: [{nap: {wait: {seconds: 5}}}, {a: {set: {n: 1}}}]}
          - quick: {do: [{nap: {wait: {seconds: 2}}}, {a: {set: {n: 2}}}]}
)");
  run.through_storage().run();
  EXPECT_EQ(run.output(), json(R"({"n":2})"));
  EXPECT_EQ(run.elapsed(), std::chrono::seconds(2));
  EXPECT_EQ(run.facts("task.cancelled"),
            (Facts{"task.cancelled /do/0/race/fork/branches/0/slow/do/0/nap",
                   "task.cancelled /do/0/race/fork/branches/0/slow"}));
}

TEST(ForkTask, AFaultInABranchFaultsTheForkAndCancelsTheRest) {
  PureRun run(R"(
do:
  - guarded:
      try:
        - all:
            fork:
              branches:
                - waits: {wait: {hours: 1}}
                - fails: {raise: {error: {type: 'https://example.com/no', status: 409}}}
      catch:
        do: [{seen: {set: {at: '${ $error.instance }'}}}]
)");
  run.run();
  EXPECT_EQ(run.output(), json(R"({"at":"/do/0/guarded/try/0/all/fork/branches/1/fails"})"));
  EXPECT_EQ(run.elapsed(), Duration::zero());
}

TEST(ForkTask, EndInABranchEndsTheWorkflow) {
  PureRun run(R"(
do:
  - all:
      fork:
        branches:
          - waits: {wait: {hours: 1}}
          - ends: {set: {n: 1}, then: end}
  - after: {set: {n: 2}}
)");
  EXPECT_EQ(run.run().status, ExecutionStatus::completed);
  EXPECT_EQ(run.output(), json(R"({"n":1})"));
  EXPECT_EQ(run.elapsed(), Duration::zero());
}

TEST(ForkTask, CallsOfAllBranchesAreWantedTogether) {
  PureRun run(R"(
do:
  - all:
      fork:
        branches:
          - a: {call: http, with: {method: get, endpoint: 'https://example.com/a'}}
          - b: {call: http, with: {method: get, endpoint: 'https://example.com/b'}}
)");
  run.run_until_effect_or_timer();
  std::size_t effects = 0;
  for (const Command& command : decide(run.execution(), run.now()))
    effects += std::holds_alternative<StartEffect>(command);
  EXPECT_EQ(effects, 2u);
}

}  // namespace
}  // namespace auterity::engine
