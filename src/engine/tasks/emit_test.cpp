#include <gtest/gtest.h>

#include "harness/pure_run.h"

namespace auterity::engine {
namespace {

using harness::PureRun;

Json json(std::string_view text) { return *parse_json(text); }

constexpr std::string_view kEmit =
    "do: [{tell: {emit: {event: {with: {type: told, data: {n: '${ .n }'}}}}}}]";

TEST(EmitTask, FillsInWhatIsLeftOut) {
  PureRun run(kEmit, json(R"({"n":1})"));
  run.run();
  EXPECT_EQ(run.output(), json(R"({"specversion":"1.0","type":"told","data":{"n":1},
    "id":"01890000-0000-7000-8000-000000000001:2:1","source":"/test/pure/1.0.0",
    "time":"2026-11-18T11:06:40Z"})"));
}

TEST(EmitTask, WhatTheAuthorWritesIsKept) {
  PureRun run(R"(
do:
  - tell:
      emit:
        event:
          with: {id: mine, source: 'https://me', type: told, time: '2020-01-01T00:00:00Z', subject: x}
)");
  run.run();
  EXPECT_EQ(run.output(), json(R"({"specversion":"1.0","id":"mine","source":"https://me",
    "type":"told","time":"2020-01-01T00:00:00Z","subject":"x"})"));
}

TEST(EmitTask, ARepetitionAfterAReloadIsTheSameEvent) {
  PureRun run(kEmit, json(R"({"n":1})"));
  run.run_until_effect_or_timer();
  const EffectRequest first = effect_of(run.execution(), 2);
  run.through_storage();
  run.advance(std::chrono::hours(3));
  run.apply(Tick{});
  const EffectRequest again = effect_of(run.execution(), 2);
  EXPECT_EQ(first.arguments, again.arguments);
  EXPECT_EQ(first.idempotency_key, again.idempotency_key);
}

TEST(EmitTask, AnEventThatIsNoneIsAValidationError) {
  PureRun run("do: [{tell: {emit: {event: {with: {type: told, id: '${ .n }'}}}}}]",
              json(R"({"n":1})"));
  EXPECT_EQ(run.run().status, ExecutionStatus::faulted);
  EXPECT_EQ(*find_pointer(run.error(), "/detail"),
            Json("the event's id must be a text that is not empty"));
}

}  // namespace
}  // namespace auterity::engine
