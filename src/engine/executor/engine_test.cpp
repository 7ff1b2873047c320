// What an engine makes of a start: writes, effects, answers, events.
#include <boost/json/object.hpp>

#include "harness/engine_fixture.h"

namespace auterity::engine {
namespace {

TEST_F(EngineTest, AWorkflowWithoutEffectsIsOneWrite) {
  Engine& engine = this->engine();
  const Uuid id = start(engine, request(kSet, JsonObject{{"name", "Ada"}}));
  EXPECT_EQ(store_.creates, 1);
  const ExecutionView view = wait(engine, id);
  EXPECT_EQ(view.status, ExecutionStatus::completed);
  EXPECT_EQ(view.output, Json(JsonObject{{"greeting", "hello Ada"}}));
  EXPECT_EQ(store_.saves, 0);
  EXPECT_EQ(engine.in_memory(), 0u);
  EXPECT_THAT(history(id), ElementsAre("workflow.started", "task.created", "task.started",
                                       "task.completed", "workflow.completed"));
}

TEST_F(EngineTest, SequentialCallsCostOneWriteMoreThanTheirNumber) {
  Engine& engine = this->engine();
  const Uuid id = start(engine, request(kThreeCalls));
  EXPECT_EQ(wait(engine, id).status, ExecutionStatus::completed);
  EXPECT_EQ(store_.creates + store_.saves, 4);
  EXPECT_THAT(world_.effects.requests, SizeIs(3));
}

TEST_F(EngineTest, AHundredPureTasksAndThreeCallsAreFourCheckpoints) {
  std::string body = "do:\n";
  for (int i = 0; i < 100; ++i) {
    body += "  - set" + std::to_string(i) + ": {set: {n: " + std::to_string(i) + "}}\n";
    if (i % 40 == 10)
      body += "  - call" + std::to_string(i) +
              ": {call: http, with: {method: get, endpoint: 'https://example.com'}}\n";
  }
  Engine& engine = this->engine();
  const Uuid id = start(engine, request(body));
  EXPECT_EQ(wait(engine, id).status, ExecutionStatus::completed);
  EXPECT_LE(2 * (store_.creates + store_.saves), 8);  // a checkpoint is two rows
}

TEST_F(EngineTest, AnEffectStartsOnlyOnceItIsDurable) {
  Engine& engine = this->engine();
  int durable_before = -1;
  world_.effects.answer = [&](EffectRequest request) -> Async<EffectOutcome> {
    if (durable_before < 0) durable_before = store_.creates + store_.saves;
    co_return std::move(request.arguments);
  };
  wait(engine, start(engine, request(kCall)));
  EXPECT_EQ(durable_before, 1);
}

// As the first one of a definition is, when its evaluator process has yet to start.
class SlowEvaluator final : public Evaluator {
 public:
  explicit SlowEvaluator(EngineWorld& world) : world_(world) {}
  Async<Result<Json>> evaluate(DefinitionPtr definition, const Template& value, const Json& data,
                               const Arguments& arguments) override {
    co_await world_.clock.sleep(milliseconds(90));
    co_return co_await world_.evaluator.evaluate(std::move(definition), value, data, arguments);
  }
  Async<Result<std::vector<ExpressionProblem>>> check(DefinitionPtr definition) override {
    return world_.evaluator.check(std::move(definition));
  }

 private:
  EngineWorld& world_;
};

// Its task's timeout was taken for what the execution waits for, and it slept until then.
TEST_F(EngineTest, AStartThatTakesLongerThanItsBudgetGoesOnAtOnce) {
  SlowEvaluator slow(world_);
  const EngineServices given = world_.services(store_);
  engines_.push_back(make_engine({.executor = given.executor,
                                  .clock = given.clock,
                                  .random = given.random,
                                  .log = given.log,
                                  .metrics = given.metrics,
                                  .effects = given.effects,
                                  .evaluator = slow,
                                  .executions = given.executions,
                                  .workflows = given.workflows,
                                  .secrets = given.secrets,
                                  .bus = given.bus,
                                  .events = given.events},
                                 EngineWorld::options("a")));
  loops_.spawn("engine", engines_.back()->run());
  const Time begun = world_.clock.now();
  const Uuid id = start(*engines_.back(), request(R"(
do:
  - prepare: {set: {path: '${ "a" + "b" }'}, timeout: {after: {seconds: 5}}}
  - again: {set: {path: '${ .path + "c" }'}, timeout: {after: {seconds: 5}}}
)"));
  EXPECT_EQ(wait(*engines_.back(), id).output, Json(JsonObject{{"path", "abc"}}));
  EXPECT_LT(*run(world_.store.find(id))->finished_at - begun, seconds(1));
}

// Whoever waited for the end was told nothing about the beginning.
TEST_F(EngineTest, TheAnswerSaysWhenItStartedAsTheStoreDoes) {
  Engine& engine = this->engine();
  for (const std::string_view body : {kSet, kCall, kLongWait}) {
    const Uuid id = start(engine, request(body, JsonObject{{"name", "Ada"}}));
    const ExecutionView view = wait(engine, id);
    ASSERT_TRUE(is_terminal(view.status));
    ASSERT_TRUE(view.started_at);
    EXPECT_EQ(view.started_at, run(world_.store.find(id))->started_at);
    EXPECT_EQ(view.started_at, view.created_at);
    EXPECT_LE(*view.started_at, *view.finished_at);
  }
}

TEST_F(EngineTest, AnIdempotencyKeyAnswersTheFirstExecution) {
  Engine& engine = this->engine();
  StartRequest first = request(kSet, JsonObject{{"name", "Ada"}});
  first.idempotency_key = "k";
  StartRequest second = first;
  const Uuid id = start(engine, std::move(first));
  auto again = run(engine.start(std::move(second)));
  ASSERT_TRUE(again);
  EXPECT_TRUE(again->existing);
  EXPECT_EQ(again->id, id);
}

TEST_F(EngineTest, ManyStartsAtOnce) {
  Engine& engine = this->engine();
  std::vector<StartRequest> requests;
  for (int i = 0; i < 50; ++i) requests.push_back(request(kSet, JsonObject{{"name", "n"}}));
  auto created = run(engine.start_many(std::move(requests)));
  ASSERT_TRUE(created);
  ASSERT_THAT(*created, SizeIs(50));
  for (const Created& each : *created)
    EXPECT_EQ(wait(engine, each.id).status, ExecutionStatus::completed);
}

TEST_F(EngineTest, SecretsAreMaskedWhereverTheyWouldBeSeen) {
  world_.secrets.values["api"] = JsonObject{{"token", "s3cr3t-token"}};
  Engine& engine = this->engine();
  const Uuid id = start(engine, request(R"(
use: {secrets: [api]}
do:
  - leak: {set: {token: '${ $secrets.api.token }', also: '${ "Bearer " + $secrets.api.token }'}}
  - call: {call: http, with: {method: get, endpoint: 'https://example.com'}, output: {as: $input}}
)"));
  const ExecutionView view = wait(engine, id);
  EXPECT_EQ(auterity::to_text(view.output), R"({"token":"***","also":"Bearer ***"})");
  for (const Checkpoint& checkpoint : store_.checkpoints) {
    EXPECT_EQ(checkpoint.state.find("s3cr3t"), std::string::npos) << checkpoint.state;
    for (const HistoryEvent& event : checkpoint.events)
      EXPECT_EQ(auterity::to_text(event.data).find("s3cr3t"), std::string::npos);
  }
}

TEST_F(EngineTest, AMissingSecretIsAnAuthorizationError) {
  Engine& engine = this->engine();
  const Uuid id = start(engine, request(R"(
use: {secrets: [absent]}
do:
  - leak: {set: {token: '${ $secrets.absent.token }'}}
)"));
  const ExecutionView view = wait(engine, id);
  EXPECT_EQ(view.status, ExecutionStatus::faulted);
  EXPECT_EQ(*find_pointer(view.error, "/status"), Json(403));
  EXPECT_EQ(*find_pointer(view.error, "/instance"), Json("/do/0/leak"));
}

TEST_F(EngineTest, SchemasAreChecked) {
  Engine& engine = this->engine();
  const Uuid id = start(engine, request(R"(
input: {schema: {document: {type: object, required: [name]}}}
do:
  - greet: {set: {a: 1}}
)",
                                        JsonObject{}));
  const ExecutionView view = wait(engine, id);
  EXPECT_EQ(view.status, ExecutionStatus::faulted);
  EXPECT_EQ(*find_pointer(view.error, "/status"), Json(400));
  EXPECT_EQ(*find_pointer(view.error, "/detail"),
            Json("the value does not fit its schema: missing required property 'name'"));
}

TEST_F(EngineTest, LifecycleEventsComeInOrder) {
  Engine& engine = this->engine();
  wait(engine, start(engine, request(kCall)));
  std::vector<std::string> types;
  for (const Json& event : world_.sink.events)
    types.emplace_back(string_or(find_member(event, "type"), ""));
  EXPECT_THAT(types, ElementsAre("io.serverlessworkflow.workflow.started.v1",
                                 "io.serverlessworkflow.task.created.v1",
                                 "io.serverlessworkflow.task.started.v1",
                                 "io.serverlessworkflow.task.completed.v1",
                                 "io.serverlessworkflow.workflow.completed.v1"));
  EXPECT_EQ(*find_pointer(world_.sink.events[1], "/data/task"), Json("/do/0/call"));
}

}  // namespace
}  // namespace auterity::engine
