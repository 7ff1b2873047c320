// The engine on the memory store, with simulated time.
#include "engine/executor/engine.h"

#include <gmock/gmock.h>

#include <boost/json/object.hpp>

#include "core/task_group.h"
#include "harness/engine_world.h"

namespace auterity::engine {
namespace {

using harness::EngineWorld;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

std::string document(std::string_view body) {
  return "document: {dsl: '1.0.3', namespace: test, name: engine, version: '1.0.0'}\n" +
         std::string(body);
}

constexpr std::string_view kSet = R"(
do:
  - greet: {set: {greeting: '${ "hello " + .name }'}}
)";
constexpr std::string_view kThreeCalls = R"(
do:
  - first: {call: http, with: {method: get, endpoint: 'https://example.com/1'}}
  - second: {call: http, with: {method: get, endpoint: 'https://example.com/2'}}
  - third: {call: http, with: {method: get, endpoint: 'https://example.com/3'}}
)";
constexpr std::string_view kLongWait = R"(
do:
  - pause: {wait: {hours: 5}}
  - done: {set: {done: true}}
)";
constexpr std::string_view kCall = R"(
do:
  - call: {call: http, with: {method: get, endpoint: 'https://example.com/1'}}
)";

// Counts what is written, and can be told to lose answers or to be away.
class WatchedStore final : public ExecutionStore {
 public:
  explicit WatchedStore(ExecutionStore& inner) : inner_(inner) {}
  int creates = 0, saves = 0;
  int lose_answers =
      0;  // of the next saves: they are carried out, and the caller is told otherwise
  bool away = false;
  std::vector<Checkpoint> checkpoints;

  Async<Result<Created>> create(NewExecution execution, std::optional<Checkpoint> first,
                                std::string owner, std::optional<Duration> lease) override {
    ++creates;
    if (first) checkpoints.push_back(*first);
    co_return co_await inner_.create(std::move(execution), std::move(first), owner, lease);
  }
  Async<Status> save(Checkpoint checkpoint) override {
    if (away) co_return fail(ErrorKind::unavailable, "the store is away");
    ++saves;
    checkpoints.push_back(checkpoint);
    Status status = co_await inner_.save(std::move(checkpoint));
    if (lose_answers > 0) {
      --lose_answers;
      co_return fail(ErrorKind::unavailable, "the answer was lost");
    }
    co_return status;
  }
  Async<Result<std::vector<ClaimedExecution>>> claim(std::string owner, std::size_t limit,
                                                     Duration lease) override {
    return inner_.claim(std::move(owner), limit, lease);
  }
  Async<Result<std::optional<ClaimedExecution>>> claim_one(Uuid id, std::string owner,
                                                           Duration lease) override {
    return inner_.claim_one(id, std::move(owner), lease);
  }
  Async<Result<std::vector<Renewal>>> renew(std::vector<Lease> leases, Duration lease) override {
    if (away) co_return fail(ErrorKind::unavailable, "the store is away");
    co_return co_await inner_.renew(std::move(leases), lease);
  }
  Async<Status> release(std::vector<Lease> leases) override {
    return inner_.release(std::move(leases));
  }
  Async<Result<std::optional<Time>>> next_due() override { return inner_.next_due(); }
  Async<Status> request(Uuid id, ControlAction action) override {
    return inner_.request(id, action);
  }
  Async<Status> restart(Uuid id, std::int64_t seq, std::string state,
                        std::vector<HistoryEvent> events) override {
    return inner_.restart(id, seq, std::move(state), std::move(events));
  }
  Async<Result<ExecutionView>> find(Uuid id) override { return inner_.find(id); }
  Async<Result<std::vector<ExecutionView>>> list(ExecutionFilter filter) override {
    return inner_.list(filter);
  }
  Async<Result<std::vector<HistoryEvent>>> history(Uuid id, std::int64_t after,
                                                   std::size_t limit) override {
    return inner_.history(id, after, limit);
  }
  Async<Result<ClaimedExecution>> inspect(Uuid id) override { return inner_.inspect(id); }

 private:
  ExecutionStore& inner_;
};

class EngineTest : public testing::Test {
 protected:
  EngineTest() : loops_(world_.loop.get_executor(), "test", [](auto, auto) { FAIL(); }) {}

  void TearDown() override {
    for (auto& engine : engines_) world_.clock.run(engine->drain(seconds(0)));
    world_.clock.run_until([&] { return loops_.running() == 0; });
  }

  Engine& engine(EngineOptions options = EngineWorld::options("a")) {
    engines_.push_back(make_engine(world_.services(store_), std::move(options)));
    loops_.spawn("engine", engines_.back()->run());
    return *engines_.back();
  }

  StartRequest request(std::string_view body, Json input = nullptr) {
    StartRequest request;
    request.workflow_id = world_.workflows.add(document(body));
    request.definition = *run(world_.workflows.definition(request.workflow_id));
    request.input = std::move(input);
    return request;
  }
  Uuid start(Engine& engine, StartRequest request) {
    auto created = run(engine.start(std::move(request)));
    EXPECT_TRUE(created) << created.error().message;
    return created->id;
  }
  ExecutionView wait(Engine& engine, Uuid id, Duration limit = hours(24)) {
    auto view = run(engine.wait(id, limit));
    EXPECT_TRUE(view) << view.error().message;
    return *view;
  }
  std::vector<std::string> history(Uuid id) {
    std::vector<std::string> types;
    std::int64_t number = 0;
    for (const HistoryEvent& event : *run(world_.store.history(id, 0, 1000))) {
      EXPECT_EQ(event.number, ++number);
      types.push_back(event.type);
    }
    return types;
  }
  template <typename T>
  T run(Async<T> work) {
    return world_.clock.run(std::move(work));
  }

  EngineWorld world_;
  WatchedStore store_{world_.store};
  TaskGroup loops_;
  std::vector<std::unique_ptr<Engine>> engines_;
};

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

TEST_F(EngineTest, ALongWaitLeavesMemoryAndComesBack) {
  Engine& engine = this->engine();
  const Uuid id = start(engine, request(kLongWait));
  EXPECT_EQ(engine.in_memory(), 0u);
  auto view = run(world_.store.find(id));
  EXPECT_EQ(view->status, ExecutionStatus::waiting);
  EXPECT_EQ(view->wake, WakeReason::timer);
  const Time begun = world_.clock.now();
  EXPECT_EQ(wait(engine, id).output, Json(JsonObject{{"done", true}}));
  EXPECT_EQ(run(world_.store.find(id))->finished_at, begun + hours(5));
}

TEST_F(EngineTest, AShortWaitStaysInMemory) {
  Engine& engine = this->engine();
  const Uuid id = start(engine, request("do: [{pause: {wait: {milliseconds: 300}}}]\n"));
  EXPECT_EQ(engine.in_memory(), 1u);
  EXPECT_EQ(wait(engine, id).status, ExecutionStatus::completed);
  EXPECT_EQ(store_.saves, 1);
}

TEST_F(EngineTest, WithoutRoomAnotherProcessRunsIt) {
  EngineOptions full = EngineWorld::options("full");
  full.max_in_place = 0;
  full.claims = false;
  Engine& first = engine(full);
  Engine& second = engine(EngineWorld::options("b"));
  const Uuid id = start(first, request(kCall));
  EXPECT_EQ(first.in_memory(), 0u);
  EXPECT_EQ(wait(first, id).status, ExecutionStatus::completed);
  EXPECT_EQ(second.in_memory(), 0u);
}

TEST_F(EngineTest, ALostAnswerOfASaveIsNotASecondCheckpoint) {
  Engine& engine = this->engine();
  store_.lose_answers = 2;
  const Uuid id = start(engine, request(kThreeCalls));
  EXPECT_EQ(wait(engine, id).status, ExecutionStatus::completed);
  EXPECT_EQ(run(world_.store.inspect(id))->seq, 4);
  history(id);
  EXPECT_THAT(world_.effects.requests, SizeIs(3));
}

TEST_F(EngineTest, AnOwnerThatCannotRenewStopsBeforeAnotherClaims) {
  EngineOptions options = EngineWorld::options("a");
  options.claims = false;
  Engine& first = engine(options);
  Duration stopped_at = Duration::zero();
  world_.effects.answer = [&](EffectRequest request) -> Async<EffectOutcome> {
    if (world_.effects.requests.size() > 1) co_return std::move(request.arguments);
    try {
      co_await world_.clock.sleep(hours(1));
    } catch (...) {
      stopped_at = world_.clock.monotonic();
      throw;
    }
    co_return nullptr;
  };
  const Uuid id = start(first, request(kCall));
  world_.clock.run_for(milliseconds(10));
  store_.away = true;
  world_.clock.run_for(seconds(14));
  EXPECT_EQ(first.in_memory(), 0u);
  EXPECT_GT(stopped_at, Duration::zero());
  EXPECT_LT(stopped_at, seconds(15));
  store_.away = false;
  Engine& second = engine(EngineWorld::options("b"));
  EXPECT_EQ(wait(second, id).status, ExecutionStatus::completed);
  ASSERT_THAT(world_.effects.requests, SizeIs(2));
  EXPECT_EQ(world_.effects.requests[0].idempotency_key, world_.effects.requests[1].idempotency_key);
}

TEST_F(EngineTest, CancellingStopsTheEffect) {
  Engine& engine = this->engine();
  bool stopped = false;
  world_.effects.answer = [&](EffectRequest) -> Async<EffectOutcome> {
    try {
      co_await world_.clock.sleep(hours(1));
    } catch (...) {
      stopped = true;
      throw;
    }
    co_return nullptr;
  };
  const Uuid id = start(engine, request(kCall));
  world_.clock.run_for(seconds(1));
  ASSERT_TRUE(run(engine.request(id, ControlAction::cancel)));
  const ExecutionView view = wait(engine, id);
  EXPECT_EQ(view.status, ExecutionStatus::cancelled);
  EXPECT_TRUE(stopped);
  EXPECT_EQ(run(engine.request(id, ControlAction::cancel)).error().kind, ErrorKind::conflict);
}

TEST_F(EngineTest, CancellingWhatSleepsInTheStoreWakesIt) {
  Engine& engine = this->engine();
  const Uuid id = start(engine, request(kLongWait));
  ASSERT_TRUE(run(engine.request(id, ControlAction::cancel)));
  EXPECT_EQ(wait(engine, id, seconds(5)).status, ExecutionStatus::cancelled);
}

TEST_F(EngineTest, SuspendingLetsTheEffectEndAndHoldsTheNext) {
  Engine& engine = this->engine();
  world_.effects.answer = [&](EffectRequest request) -> Async<EffectOutcome> {
    co_await world_.clock.sleep(seconds(2));
    co_return std::move(request.arguments);
  };
  const Uuid id = start(engine, request(kThreeCalls));
  world_.clock.run_for(seconds(1));
  ASSERT_TRUE(run(engine.request(id, ControlAction::suspend)));
  world_.clock.run_for(hours(1));
  EXPECT_EQ(run(world_.store.find(id))->status, ExecutionStatus::suspended);
  EXPECT_THAT(world_.effects.requests, SizeIs(1));
  EXPECT_EQ(engine.in_memory(), 0u);
  ASSERT_TRUE(run(engine.request(id, ControlAction::resume)));
  EXPECT_EQ(wait(engine, id).status, ExecutionStatus::completed);
  EXPECT_THAT(world_.effects.requests, SizeIs(3));
}

TEST_F(EngineTest, DrainingHandsOverAtAStepBoundary) {
  world_.effects.answer = [&](EffectRequest request) -> Async<EffectOutcome> {
    co_await world_.clock.sleep(seconds(2));
    co_return std::move(request.arguments);
  };
  EngineOptions options = EngineWorld::options("old");
  options.claims = false;
  Engine& old = engine(options);
  const Uuid id = start(old, request(kThreeCalls));
  world_.clock.run_for(seconds(1));
  world_.clock.run(old.drain(seconds(30)));
  EXPECT_EQ(world_.clock.monotonic(),
            seconds(2));  // the call in flight ended, the next did not start
  EXPECT_EQ(run(world_.store.find(id))->wake, WakeReason::ready);
  Engine& next = engine(EngineWorld::options("new"));
  EXPECT_EQ(wait(next, id).status, ExecutionStatus::completed);
  EXPECT_THAT(world_.effects.requests, SizeIs(3));
}

TEST_F(EngineTest, DrainingGivesBackWhatDoesNotEndInTime) {
  world_.effects.answer = [&](EffectRequest request) -> Async<EffectOutcome> {
    co_await world_.clock.sleep(world_.effects.requests.size() == 1 ? hours(1) : seconds(0));
    co_return std::move(request.arguments);
  };
  EngineOptions options = EngineWorld::options("old");
  options.claims = false;
  Engine& old = engine(options);
  const Uuid id = start(old, request(kCall));
  world_.clock.run(old.drain(seconds(3)));
  EXPECT_EQ(run(world_.store.find(id))->wake, WakeReason::ready);
  Engine& next = engine(EngineWorld::options("new"));
  EXPECT_EQ(wait(next, id).status, ExecutionStatus::completed);
}

constexpr std::string_view kFails = R"(
do:
  - first: {call: http, with: {method: get, endpoint: 'https://example.com/1'}, export: {as: '{seen: .}'}}
  - charge: {call: http, with: {method: get, endpoint: 'https://example.com/2'}}
  - last: {set: {context: '${ $context }', charged: '${ . }'}}
)";

TEST_F(EngineTest, RestartInTheMiddleKeepsWhatCameBefore) {
  Engine& engine = this->engine();
  bool broken = true;
  world_.effects.answer = [&](EffectRequest request) -> Async<EffectOutcome> {
    if (request.task->name == "charge" && broken)
      co_return std::unexpected(make_error(StandardError::communication, "no", ""));
    co_return Json(request.task->name);
  };
  const Uuid id = start(engine, request(kFails));
  EXPECT_EQ(wait(engine, id).status, ExecutionStatus::faulted);
  broken = false;
  ASSERT_TRUE(run(engine.restart(id, "/do/1/charge")));
  const ExecutionView view = wait(engine, id);
  EXPECT_EQ(view.status, ExecutionStatus::completed);
  EXPECT_EQ(auterity::to_text(view.output), R"({"context":{"seen":"first"},"charged":"charge"})");
  ASSERT_THAT(world_.effects.requests, SizeIs(3));
  EXPECT_NE(world_.effects.requests[1].idempotency_key, world_.effects.requests[2].idempotency_key);
  history(id);
  EXPECT_EQ(run(engine.restart(id, "/do/7/none")).error().kind, ErrorKind::invalid_input);
}

TEST_F(EngineTest, RestartFromTheBeginningNeverUsesAKeyAgain) {
  Engine& engine = this->engine();
  const Uuid id = start(engine, request(kCall));
  EXPECT_EQ(wait(engine, id).status, ExecutionStatus::completed);
  ASSERT_TRUE(run(engine.restart(id, "")));
  EXPECT_EQ(wait(engine, id).status, ExecutionStatus::completed);
  ASSERT_THAT(world_.effects.requests, SizeIs(2));
  EXPECT_NE(world_.effects.requests[0].idempotency_key, world_.effects.requests[1].idempotency_key);
  history(id);
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

TEST_F(EngineTest, AnEndlessPureLoopLeavesTheEventLoopFreeAndCanBeCancelled) {
  constexpr std::string_view kLoop = R"(
do:
  - again: {set: {a: 1}, then: again}
)";
  Engine& engine = this->engine();
  const Uuid id = start(engine, request(kLoop));
  EXPECT_EQ(engine.in_memory(), 1u);
  ASSERT_TRUE(run(engine.request(id, ControlAction::cancel)));
  EXPECT_EQ(wait(engine, id).status, ExecutionStatus::cancelled);
}

}  // namespace
}  // namespace auterity::engine
