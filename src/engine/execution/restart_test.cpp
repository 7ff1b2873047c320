#include "engine/execution/restart.h"

#include <gtest/gtest.h>

#include "engine/execution/execution_json.h"
#include "harness/pure_run.h"

namespace auterity::engine {
namespace {

using harness::PureRun;

Json json(std::string_view text) { return *parse_json(text); }

constexpr std::string_view kSteps = R"(
do:
  - one: {set: {n: 1}, export: {as: '{ one: true }'}}
  - two: {set: {n: '${ .n + 1 }'}, export: {as: '$context + { two: true }'}}
  - three: {do: [{inner: {call: http, with: {method: get, endpoint: 'https://e.com'}}}]}
)";

Execution failed() {
  PureRun run(kSteps);
  run.with_effect([](const EffectRequest&) {
    return std::unexpected(make_error(StandardError::communication, "no", ""));
  });
  EXPECT_EQ(run.run().status, ExecutionStatus::faulted);
  const Execution& ended = run.execution();
  return *read_state(write_state(ended), ended.surroundings, ended.raw_input);
}

TEST(Restart, GoesBackToWhatATaskGotAndMet) {
  const Execution before = failed();
  auto cut = cut_back(before, "/do/1/two", Time{});
  ASSERT_TRUE(cut) << cut.error().message;
  EXPECT_EQ(cut->status, ExecutionStatus::running);
  EXPECT_EQ(*cut->context, json(R"({"one":true})"));
  ASSERT_EQ(cut->ready.size(), 1u);
  const Activation& next = cut->activations.at(cut->ready.front());
  EXPECT_EQ(next.task->name, "two");
  EXPECT_EQ(*next.raw_input, json(R"({"n":1})"));
  EXPECT_GT(next.id, before.last_activation) << "no key is used again";
  EXPECT_EQ(cut->last_event, before.last_event);
}

TEST(Restart, FromTheBeginningKeepsNothingButTheNumbers) {
  const Execution before = failed();
  auto cut = cut_back(before, "", Time{});
  ASSERT_TRUE(cut);
  EXPECT_EQ(cut->status, ExecutionStatus::pending);
  EXPECT_EQ(*cut->context, json("{}"));
  EXPECT_TRUE(cut->activations.empty());
  EXPECT_EQ(cut->last_activation, before.last_activation);
}

TEST(Restart, OnlyTasksOfTheMainListThatHaveStarted) {
  EXPECT_EQ(cut_back(failed(), "/do/2/three/do/0/inner", Time{}).error().kind,
            ErrorKind::invalid_input);
  EXPECT_EQ(cut_back(failed(), "/do/9/none", Time{}).error().kind, ErrorKind::invalid_input);
  PureRun fresh(kSteps);
  const auto refused = cut_back(fresh.execution(), "/do/1/two", Time{});
  EXPECT_EQ(refused.error().kind, ErrorKind::not_ready);
  EXPECT_EQ(refused.error().hint, "restart from the beginning");
}

}  // namespace
}  // namespace auterity::engine
