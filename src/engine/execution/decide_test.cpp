// Properties of the pure core itself: bounded turns, limits, answers that come too late, replay.
#include "engine/execution/decide.h"

#include <gtest/gtest.h>

#include "engine/execution/execution_json.h"
#include "harness/pure_run.h"

namespace auterity::engine {
namespace {

using harness::PureRun;

Json json(std::string_view text) { return *parse_json(text); }

constexpr std::string_view kEndless = "do: [{again: {set: {a: 1}, then: again}}]";

TEST(Decide, AnEndlessLoopTakesTurnsAndFaults) {
  PureRun run(kEndless);
  ExecutionLimits limits;
  limits.max_steps = 5000;
  limits.steps_a_turn = 100;
  run.with_limits(limits);
  run.apply(Started{});
  EXPECT_EQ(run.facts("task.completed").size(), 100u) << "one turn";
  EXPECT_EQ(run.run().status, ExecutionStatus::faulted);
  EXPECT_EQ(*find_pointer(run.error(), "/type"),
            Json("https://open-workflow-specification.org/spec/1.0.0/errors/runtime"));
  EXPECT_EQ(run.facts("task.started").size(), 5000u);
}

TEST(Decide, StepsAreCountedFromTheLastWait) {
  PureRun run(R"(
do:
  - each:
      for: {in: .items}
      do: [{a: {set: {x: 1}}}, {nap: {wait: PT1S}}, {b: {set: {x: 1}}}]
)",
              Json(JsonObject{{"items", JsonArray(50, 1)}}));
  ExecutionLimits limits;
  limits.max_steps = 10;
  EXPECT_EQ(run.with_limits(limits).run().status, ExecutionStatus::completed);
}

TEST(Decide, AValueOverItsLimitFaultsTheTask) {
  PureRun run(R"(
do:
  - grow: {set: {x: ['${ . }', '${ . }']}, then: grow}
)",
              json(R"({"x":"some text to begin with"})"));
  ExecutionLimits limits;
  limits.max_value_bytes = 100'000;
  EXPECT_EQ(run.with_limits(limits).run().status, ExecutionStatus::faulted);
  EXPECT_EQ(*find_pointer(run.error(), "/instance"), Json("/do/0/grow"));
}

TEST(Decide, AnswersThatNobodyAwaitsChangeNothing) {
  PureRun run("do: [{nap: {wait: PT1H}}]");
  run.run_until_effect_or_timer();
  const std::string before = write_state(run.execution());
  run.apply(EffectEnded{2, Json("late")});
  run.apply(Evaluated{2, Json("late")});
  run.apply(Evaluated{77, Json("nobody")});
  run.apply(Validated{1, {}});
  run.apply(Tick{});
  run.apply(ResumeRequested{});
  EXPECT_EQ(write_state(run.execution()), before);
}

TEST(Decide, AnEndedExecutionWantsToFinishAndChangesNoMore) {
  PureRun run("do: [{a: {set: {x: 1}}}]");
  run.run();
  const auto commands = decide(run.execution(), run.now());
  ASSERT_EQ(commands.size(), 1u);
  EXPECT_TRUE(std::holds_alternative<Finish>(commands.front()));
  run.apply(CancelRequested{});
  EXPECT_EQ(run.execution().status, ExecutionStatus::completed);
}

TEST(Decide, CancellingBeforeTheBeginningCancels) {
  PureRun run("do: [{a: {wait: PT1H}}]");
  run.apply(CancelRequested{});
  EXPECT_EQ(run.execution().status, ExecutionStatus::cancelled);
  EXPECT_EQ(run.facts("workflow."),
            (std::vector<std::string>{"workflow.started", "workflow.cancelled"}));
}

TEST(Decide, FactsAreNumberedWithoutGaps) {
  PureRun run(R"(
do:
  - all: {fork: {branches: [{a: {wait: PT1S}}, {b: {do: [{c: {set: {x: 1}}}]}}]}}
)");
  run.through_storage().run();
  EXPECT_EQ(static_cast<std::size_t>(run.execution().last_event), run.facts().size());
}

TEST(Decide, TheSameEventsGiveTheSameExecution) {
  const auto story = [] {
    PureRun run(R"(
do:
  - t:
      try: [{c: {call: http, with: {method: get, endpoint: 'https://e.com'}}}]
      catch:
        retry: {delay: PT1S, jitter: {from: PT0S, to: PT1S}, limit: {attempt: {count: 3}}}
)");
    run.with_effect([](const EffectRequest&) {
      return std::unexpected(make_error(StandardError::communication, "no", ""));
    });
    run.run();
    return auterity::to_text(run.error()) + std::to_string(run.elapsed().count());
  };
  EXPECT_EQ(story(), story());
}

TEST(Decide, ASuspendedExecutionWantsNothingAndKeepsOutcomes) {
  PureRun run(R"(
do:
  - a: {call: http, with: {method: get, endpoint: 'https://e.com/a'}}
  - b: {call: http, with: {method: get, endpoint: 'https://e.com/b'}}
)");
  run.run_until_effect_or_timer();
  run.apply(SuspendRequested{});
  EXPECT_TRUE(decide(run.execution(), run.now()).empty());
  run.apply(EffectEnded{2, Json("outcome")});
  EXPECT_TRUE(decide(run.execution(), run.now()).empty());
  EXPECT_EQ(run.facts("task.completed").size(), 1u);
  run.apply(ResumeRequested{});
  EXPECT_EQ(run.run().status, ExecutionStatus::completed);
  EXPECT_EQ(run.effects().size(), 1u) << "the first was not performed by run()";
}

}  // namespace
}  // namespace auterity::engine
