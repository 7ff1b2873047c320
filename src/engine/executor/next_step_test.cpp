#include "engine/executor/next_step.h"

#include <gtest/gtest.h>

#include "harness/pure_run.h"

namespace auterity::engine {
namespace {

using harness::PureRun;
using Kind = NextStep::Kind;
using std::chrono::hours;
using std::chrono::seconds;

constexpr std::string_view kFork = R"(
do:
  - all:
      fork:
        branches:
          - a: {call: http, with: {method: get, endpoint: 'https://e.com/a'}}
          - b: {call: http, with: {method: get, endpoint: 'https://e.com/b'}}
          - c: {wait: PT1S}
)";

RunStanding standing(const PureRun& run) {
  RunStanding standing;
  standing.now = run.now();
  standing.short_wait = seconds(2);
  return standing;
}

TEST(NextStep, EffectsThatStartTogetherStartTogether) {
  PureRun run(kFork);
  run.run_until_effect_or_timer();
  RunStanding where = standing(run);
  const NextStep step = next_step(run.execution(), where);
  EXPECT_EQ(step.kind, Kind::start_effects);
  EXPECT_EQ(step.effects.size(), 2u);
  where.in_flight = {step.effects[0]};
  EXPECT_EQ(next_step(run.execution(), where).effects, std::vector{step.effects[1]});
  where.in_flight = {step.effects[0], step.effects[1]};
  const NextStep wait = next_step(run.execution(), where);
  EXPECT_EQ(wait.kind, Kind::wait);
  EXPECT_EQ(wait.until, run.now() + seconds(1));
}

TEST(NextStep, WhileEffectsRunWhatIsDirtyIsSavedInTime) {
  PureRun run(kFork);
  run.run_until_effect_or_timer();
  RunStanding where = standing(run);
  where.in_flight = awaited_effects(run.execution());
  where.dirty = true;
  where.save_by = run.now() + std::chrono::milliseconds(500);
  EXPECT_EQ(next_step(run.execution(), where).until, where.save_by);
  where.save_by = run.now();
  EXPECT_EQ(next_step(run.execution(), where).kind, Kind::save);
}

TEST(NextStep, LongWaitsSleepInTheStoreAndShortOnesDoNot) {
  for (const auto& [text, kind] : {std::pair{"do: [{nap: {wait: PT1S}}]", Kind::wait},
                                   std::pair{"do: [{nap: {wait: PT2S}}]", Kind::wait},
                                   std::pair{"do: [{nap: {wait: PT3S}}]", Kind::sleep}}) {
    PureRun run(text);
    run.run_until_effect_or_timer();
    EXPECT_EQ(next_step(run.execution(), standing(run)).kind, kind) << text;
  }
}

// The clock goes on between the last look at what is pure and this one.
TEST(NextStep, ATimerThatHasJustComeDueIsDealtWithAtOnce) {
  PureRun nap("do: [{nap: {wait: PT1S}}]");
  nap.run_until_effect_or_timer();
  RunStanding where = standing(nap);
  where.now += seconds(1);
  NextStep step = next_step(nap.execution(), where);
  EXPECT_EQ(step.kind, Kind::wait);
  EXPECT_EQ(step.until, where.now);

  PureRun fork(kFork);
  fork.run_until_effect_or_timer();
  where = standing(fork);
  where.in_flight = awaited_effects(fork.execution());
  where.now += seconds(1);
  step = next_step(fork.execution(), where);
  EXPECT_EQ(step.kind, Kind::wait);
  EXPECT_EQ(step.until, where.now) << "not until an effect has ended, which may never be";
}

TEST(NextStep, SuspendedItRestsOnceNothingIsInFlight) {
  PureRun run(kFork);
  run.run_until_effect_or_timer();
  run.apply(SuspendRequested{});
  RunStanding where = standing(run);
  where.in_flight = awaited_effects(run.execution());
  EXPECT_EQ(next_step(run.execution(), where).kind, Kind::wait);
  where.in_flight.clear();
  EXPECT_EQ(next_step(run.execution(), where).kind, Kind::rest);
}

TEST(NextStep, DrainingStartsNothingAndHandsOver) {
  PureRun run(kFork);
  run.run_until_effect_or_timer();
  RunStanding where = standing(run);
  where.handing_over = true;
  EXPECT_EQ(next_step(run.execution(), where).kind, Kind::hand_over);
  where.in_flight = {*awaited_effects(run.execution()).begin()};
  EXPECT_EQ(next_step(run.execution(), where).kind, Kind::wait);
}

TEST(NextStep, TheEndIsSaved) {
  PureRun run("do: [{a: {set: {x: 1}}}]");
  run.run();
  EXPECT_EQ(next_step(run.execution(), standing(run)).kind, Kind::finish);
}

TEST(NextStep, AnExecutionThatWaitsForNothingIsABug) {
  PureRun run("do: [{nap: {wait: PT1H}}]");
  run.run_until_effect_or_timer();
  Execution broken = run.execution();
  for (auto& [id, activation] : broken.activations) activation.due.reset();
  EXPECT_EQ(next_step(broken, standing(run)).kind, Kind::stuck);
}

}  // namespace
}  // namespace auterity::engine
