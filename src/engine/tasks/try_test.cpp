#include <gtest/gtest.h>

#include "harness/pure_run.h"

namespace auterity::engine {
namespace {

using harness::PureRun;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

Json json(std::string_view text) { return *parse_json(text); }

// A workflow whose first task tries one call, with this catch clause.
std::string trying(std::string_view clause) {
  return R"(
do:
  - guarded:
      try:
        - call: {call: http, with: {method: get, endpoint: 'https://example.com'}}
      catch: )" +
         std::string(clause) + R"(
  - after: {set: {after: '${ . }'}}
)";
}

// Fails with this status the first `failures` times.
PureRun::Effect failing(int status, int failures = 1000) {
  return [status,
          left = failures](const EffectRequest&) mutable -> std::expected<Json, WorkflowError> {
    if (left-- <= 0) return Json("well");
    WorkflowError error = make_error(StandardError::communication, "no", "");
    error.status = status;
    return std::unexpected(error);
  };
}

TEST(TryTask, WithoutAFaultItIsItsList) {
  PureRun run(trying("{do: [{never: {set: {wrong: true}}}]}"));
  run.with_effect(failing(503, 0)).run();
  EXPECT_EQ(run.output(), json(R"({"after":"well"})"));
}

TEST(TryTask, TheStaticFilterComparesEveryMember) {
  const char* const kType =
      "https://open-workflow-specification.org/dsl/errors/types/communication";
  for (const auto& [filter, caught] : std::initializer_list<std::pair<std::string, bool>>{
           {"{status: 503}", true},
           {"{status: 504}", false},
           {std::string("{type: '") + kType + "'}", true},
           {std::string("{type: '") + kType + "', status: 503}", true},
           {std::string("{type: '") + kType + "', status: 404}", false},
           {"{instance: /do/0/guarded/try/0/call}", true},
           {"{detail: other}", false}}) {
    PureRun run(trying("{errors: {with: " + filter + "}, do: [{seen: {set: {ok: true}}}]}"));
    run.with_effect(failing(503)).run();
    EXPECT_EQ(run.execution().status == ExecutionStatus::completed, caught) << filter;
  }
}

TEST(TryTask, WhenAndExceptWhenSeeTheError) {
  for (const auto& [clause, caught] : std::initializer_list<std::pair<std::string, bool>>{
           {"when: $e.status == 503", true},
           {"when: $e.status == 404", false},
           {"exceptWhen: $e.status == 503", false},
           {"exceptWhen: $e.status == 404", true}}) {
    PureRun run(trying("{as: e, " + clause + ", do: [{seen: {set: {ok: true}}}]}"));
    run.with_effect(failing(503)).through_storage().run();
    EXPECT_EQ(run.execution().status == ExecutionStatus::completed, caught) << clause;
  }
}

TEST(TryTask, WithoutAHandlerTheErrorIsSwallowedAndTheInputPassesOn) {
  PureRun run(trying("{errors: {with: {status: 503}}}"), json(R"({"in":1})"));
  run.with_effect(failing(503)).run();
  EXPECT_EQ(run.output(), json(R"({"after":{"in":1}})"));
}

TEST(TryTask, ThenOfTheCatchLeadsOnAfterItsTasks) {
  PureRun run(trying("{do: [{seen: {set: {ok: '${ $error.status }'}}}], then: end}"));
  run.with_effect(failing(503)).run();
  EXPECT_EQ(run.output(), json(R"({"ok":503})"));
}

TEST(TryTask, AFaultInTheHandlerIsNotCaughtByItsOwnTry) {
  PureRun run(trying("{do: [{no: {raise: {error: {type: 'https://e.com/x', status: 418}}}}]}"));
  EXPECT_EQ(run.with_effect(failing(503)).run().status, ExecutionStatus::faulted);
  EXPECT_EQ(*find_pointer(run.error(), "/instance"), Json("/do/0/guarded/catch/do/0/no"));
}

TEST(TryTask, TheErrorVariableGoesWithTheTry) {
  PureRun run(R"(
do:
  - guarded:
      try: [{no: {raise: {error: {type: 'https://e.com/x', status: 418}}}}]
      catch: {do: [{seen: {set: {ok: true}}}]}
      output: {as: '{ leak: $error }'}
)");
  EXPECT_EQ(run.run().status, ExecutionStatus::faulted);
  EXPECT_EQ(*find_pointer(run.error(), "/status"), Json(400)) << "$error is not available there";
}

// ---- retries ----

struct Retry {
  std::string policy;
  int failures;
  Duration elapsed;
  std::size_t calls;
};

TEST(TryTask, BackOffGrowsAsThePolicySays) {
  for (const Retry& retry : std::initializer_list<Retry>{
           {"{delay: {seconds: 3}}", 3, seconds(9), 4},
           {"{delay: {seconds: 3}, backoff: {constant: {}}}", 3, seconds(9), 4},
           {"{delay: {seconds: 3}, backoff: {linear: {}}}", 3, seconds(3 + 6 + 9), 4},
           {"{delay: {seconds: 3}, backoff: {exponential: {}}}", 4, seconds(3 + 6 + 12 + 24), 5},
           {"{delay: PT0.5S, backoff: {linear: {}}}", 2, milliseconds(1500), 3},
           {"{backoff: {exponential: {}}, limit: {attempt: {count: 2}}}", 2, seconds(0), 3}}) {
    PureRun run(trying("{retry: " + retry.policy + "}"));
    run.with_effect(failing(503, retry.failures)).through_storage().run();
    EXPECT_EQ(run.execution().status, ExecutionStatus::completed) << retry.policy;
    EXPECT_EQ(run.elapsed(), retry.elapsed) << retry.policy;
    EXPECT_EQ(run.effects().size(), retry.calls) << retry.policy;
    EXPECT_EQ(run.facts("task.retried").size(), retry.calls - 1) << retry.policy;
  }
}

TEST(TryTask, EveryAttemptHasAKeyOfItsOwn) {
  PureRun run(trying("{retry: {delay: {seconds: 1}}}"));
  run.with_effect(failing(503, 2)).through_storage().run();
  std::set<std::string> keys;
  for (const EffectRequest& effect : run.effects()) keys.insert(effect.idempotency_key);
  EXPECT_EQ(keys.size(), 3u);
  EXPECT_EQ(run.effects().back().attempt, 3u);
}

TEST(TryTask, RetriesThatAreUsedUpLetTheErrorThrough) {
  PureRun run(trying("{retry: {delay: {seconds: 1}, limit: {attempt: {count: 2}}}}"));
  EXPECT_EQ(run.with_effect(failing(503)).run().status, ExecutionStatus::faulted);
  EXPECT_EQ(run.effects().size(), 3u);
  EXPECT_EQ(*find_pointer(run.error(), "/status"), Json(503));
}

TEST(TryTask, RetriesThatAreUsedUpAreHandledWhereThereIsAHandler) {
  PureRun run(trying("{retry: {limit: {attempt: {count: 1}}}, do: [{s: {set: {ok: true}}}]}"));
  EXPECT_EQ(run.with_effect(failing(503)).run().status, ExecutionStatus::completed);
  EXPECT_EQ(run.effects().size(), 2u);
}

TEST(TryTask, RetryWhenDecidesAboutRetryingAlone) {
  PureRun run(trying("{retry: {when: $error.status == 429}, do: [{s: {set: {ok: true}}}]}"));
  EXPECT_EQ(run.with_effect(failing(503)).run().status, ExecutionStatus::completed);
  EXPECT_EQ(run.effects().size(), 1u);
}

TEST(TryTask, TheTotalTimeOfRetriesIsLimited) {
  PureRun run(trying("{retry: {delay: {seconds: 10}, limit: {duration: {seconds: 35}}}}"));
  EXPECT_EQ(run.with_effect(failing(503)).run().status, ExecutionStatus::faulted);
  EXPECT_EQ(run.effects().size(), 4u);
  EXPECT_EQ(run.elapsed(), seconds(30));
}

TEST(TryTask, AnAttemptThatTakesTooLongIsATimeoutThatIsRetried) {
  PureRun run(R"(
do:
  - guarded:
      try: [{nap: {wait: {minutes: 10}}}]
      catch:
        retry: {limit: {attempt: {count: 2, duration: {minutes: 1}}}}
        do: [{seen: {set: {status: '${ $error.status }', at: '${ $error.instance }'}}}]
)");
  run.through_storage().run();
  EXPECT_EQ(run.elapsed(), minutes(3));
  EXPECT_EQ(run.output(), json(R"({"status":408,"at":"/do/0/guarded"})"));
}

TEST(TryTask, JitterStaysInItsRangeAndIsDrawnFromTheEvent) {
  std::set<std::int64_t> seen;
  for (std::uint64_t draw = 0; draw < 50; ++draw) {
    PureRun run(
        trying("{retry: {delay: {seconds: 1}, jitter: {from: {milliseconds: 100}, to: "
               "{milliseconds: 300}}}}"));
    run.with_draw(draw * 7919);
    run.with_effect(failing(503, 1)).run();
    EXPECT_GE(run.elapsed(), milliseconds(1100));
    EXPECT_LE(run.elapsed(), milliseconds(1300));
    seen.insert(run.elapsed().count());
  }
  EXPECT_GT(seen.size(), 40u);
}

TEST(TryTask, EveryAttemptStartsFromTheSameInput) {
  int tries = 0;
  PureRun run(R"(
do:
  - guarded:
      try:
        - change: {set: {n: '${ .n + 1 }'}}
        - call: {call: http, with: {method: get, endpoint: 'https://e.com', body: '${ .n }'}}
      catch: {retry: {delay: {seconds: 1}}}
)",
              json(R"({"n":1})"));
  run.with_effect([&](const EffectRequest& request) -> std::expected<Json, WorkflowError> {
    EXPECT_EQ(*find_pointer(request.arguments, "/body"), Json(2));
    if (++tries < 3) return std::unexpected(make_error(StandardError::communication, "no", ""));
    return Json("well");
  });
  EXPECT_EQ(run.run().status, ExecutionStatus::completed);
}

}  // namespace
}  // namespace auterity::engine
