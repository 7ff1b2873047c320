// Who runs an execution, and how it leaves a process: leases, sleep, draining, bugs.
#include <boost/json/object.hpp>

#include "harness/engine_fixture.h"

namespace auterity::engine {
namespace {

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

TEST_F(EngineTest, ATimerThatIsSetWhileTheNextOneIsAskedForIsNotOverslept) {
  store_.next_due_on_its_way = [&]() -> Async<void> { return world_.clock.sleep(seconds(1)); };
  EngineOptions options = EngineWorld::options("a");
  options.poll = hours(1);
  Engine& engine = this->engine(options);
  world_.clock.run_for(milliseconds(500));
  const Time begun = world_.clock.now();
  const Uuid id = start(engine, request("do: [{pause: {wait: {minutes: 5}}}]\n"));
  EXPECT_EQ(wait(engine, id).status, ExecutionStatus::completed);
  EXPECT_EQ(run(world_.store.find(id))->finished_at, begun + minutes(5));
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

TEST_F(EngineTest, ALostAnswerOfASaveIsNotASecondCheckpoint) {
  Engine& engine = this->engine();
  store_.lose_answers = 2;
  const Uuid id = start(engine, request(kThreeCalls));
  EXPECT_EQ(wait(engine, id).status, ExecutionStatus::completed);
  EXPECT_EQ(run(world_.store.inspect(id))->seq, 4);
  history(id);
  EXPECT_THAT(world_.effects.requests, SizeIs(3));
}

TEST_F(EngineTest, DrainingGivesBackWhatIsStillBeingLoaded) {
  EngineOptions options = EngineWorld::options("full");
  options.max_in_place = 0;
  options.claims = false;
  const Uuid id = start(engine(options), request(kThreeCalls));
  Engine& loading = engine(EngineWorld::options("loading"));
  world_.workflows.hold = true;
  world_.clock.run_until([&] { return run(world_.store.find(id))->wake == WakeReason::lease; });
  run_void(loading.drain(seconds(1)));
  EXPECT_EQ(run(world_.store.find(id))->wake, WakeReason::ready);
}

TEST_F(EngineTest, ABugInTheLeaseLoopEndsTheEngine) {
  engine();
  world_.clock.run_for(seconds(1));
  EXPECT_EQ(broken_engines_, 0);
  world_.effects.answer = [&](EffectRequest request) -> Async<EffectOutcome> {
    co_await world_.clock.sleep(hours(1));
    co_return std::move(request.arguments);
  };
  start(*engines_.front(), request(kCall));
  store_.broken = true;
  world_.clock.run_for(minutes(1));
  EXPECT_EQ(broken_engines_, 1);
}

}  // namespace
}  // namespace auterity::engine
