#include "engine/execution/execution_json.h"

#include <gtest/gtest.h>

#include <boost/json/object.hpp>

#include "harness/pure_run.h"

namespace auterity::engine {
namespace {

using harness::PureRun;

Json json(std::string_view text) { return *parse_json(text); }

// Everything that can be in a state: loops, forks, tries, waits, calls, limits, context.
constexpr std::string_view kEverything = R"(
timeout: {after: PT10H}
do:
  - loop:
      for: {in: .items}
      do:
        - all:
            fork:
              branches:
                - nap: {wait: PT2S, timeout: {after: PT1M}}
                - call: {call: http, with: {method: get, endpoint: 'https://e.com', body: '${ $item }'}}
                - guarded:
                    try: [{c: {call: http, with: {method: get, endpoint: 'https://e.com'}}}]
                    catch:
                      as: e
                      retry: {delay: PT3S, limit: {attempt: {count: 2, duration: PT30S}, duration: PT5M}}
                      do: [{seen: {set: '${ $e }'}}, {rest: {wait: PT1S}}]
            export: {as: '{ seen: . }'}
        - tell: {emit: {event: {with: {type: told}}}}
)";

TEST(ExecutionJson, WhatIsWrittenReadsBackAndGoesOnTheSameWay) {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    PureRun stored(kEverything, json(R"({"items":[1,2]})"));
    PureRun kept(kEverything, json(R"({"items":[1,2]})"));
    // The same for both runs: it depends on the key alone.
    const auto effect = [](const EffectRequest& request) -> std::expected<Json, WorkflowError> {
      const std::size_t hash = std::hash<std::string>{}(request.idempotency_key);
      if (hash % 3 == 0) return std::unexpected(make_error(StandardError::communication, "no", ""));
      return Json(hash % 100);
    };
    stored.with_effect(effect).with_draw(seed).through_storage().run();
    kept.with_effect(effect).with_draw(seed).run();
    EXPECT_EQ(stored.execution().status, kept.execution().status) << seed;
    EXPECT_EQ(stored.output(), kept.output()) << seed;
    EXPECT_EQ(stored.error(), kept.error()) << seed;
  }
}

TEST(ExecutionJson, SharedValuesAreWrittenOnce) {
  const std::string large(2000, 'x');
  PureRun run("do: [{a: {set: {t: '${ .t }'}}, }, {b: {do: [{c: {do: [{d: {wait: PT1H}}]}}]}}]",
              Json(JsonObject{{"t", large}}));
  run.run_until_effect_or_timer();
  const std::string state = write_state(run.execution());
  EXPECT_LT(state.size(), 2 * large.size()) << state;
}

TEST(ExecutionJson, TheRawInputIsNotPartOfTheState) {
  const std::string large(2000, 'x');
  PureRun run("do: [{d: {wait: PT1H}}]", Json(JsonObject{{"t", large}}));
  run.run_until_effect_or_timer();
  EXPECT_LT(write_state(run.execution()).size(), 1000u);
}

TEST(ExecutionJson, ATrailThatGrowsTooLargeLosesItsOldestEntries) {
  std::string body = "do:\n";
  for (int i = 0; i < 10; ++i)
    body += "  - s" + std::to_string(i) + ": {set: {n: " + std::to_string(i) + ", t: '${ .t }'}}\n";
  body += "  - nap: {wait: PT1H}\n";
  PureRun run(body, Json(JsonObject{{"t", std::string(1000, 'x')}}));
  ExecutionLimits limits;
  limits.max_trail_bytes = 4000;
  run.with_limits(limits).run_until_effect_or_timer();
  const Execution& execution = run.execution();
  EXPECT_EQ(execution.trail.size(), 11u);
  const auto read = read_state(write_state(execution), execution.surroundings, execution.raw_input);
  ASSERT_TRUE(read);
  EXPECT_LT(read->trail.size(), 6u);
  EXPECT_EQ(read->trail.back().task->name, "nap");
}

TEST(ExecutionJson, ASecretIsNeverWritten) {
  PureRun run("use: {secrets: [s]}\ndo: [{a: {set: {x: '${ $secrets.s }'}}}, {d: {wait: PT1H}}]",
              nullptr, JsonObject{{"s", "sesame"}});
  run.run_until_effect_or_timer();
  const std::string state = write_state(run.execution());
  EXPECT_EQ(state.find("sesame"), std::string::npos);
  const auto read = read_state(state, run.execution().surroundings, run.execution().raw_input);
  ASSERT_TRUE(read);
  EXPECT_EQ(write_state(*read), state);
}

TEST(ExecutionJson, WhatIsNoStateOfThisDefinitionIsRefused) {
  PureRun run("do: [{d: {wait: PT1H}}]");
  run.run_until_effect_or_timer();
  const auto read = [&](std::string_view text) {
    return read_state(text, run.execution().surroundings, run.execution().raw_input);
  };
  std::string renamed = write_state(run.execution());
  renamed.replace(renamed.find("/do/0/d"), 7, "/do/0/e");
  EXPECT_EQ(read(renamed).error().kind, ErrorKind::invalid_input);
  EXPECT_EQ(read("{").error().kind, ErrorKind::invalid_input);
  EXPECT_EQ(read("{}").error().kind, ErrorKind::invalid_input);
  EXPECT_EQ(read(R"({"format":1,"context":9,"values":[]})").error().kind, ErrorKind::invalid_input);
  EXPECT_EQ(read(R"({"format":2})").error().kind, ErrorKind::not_ready);
}

}  // namespace
}  // namespace auterity::engine
