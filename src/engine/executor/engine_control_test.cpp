// What people ask of a running execution: cancel, suspend, resume, restart.
#include <boost/json/object.hpp>

#include "harness/engine_fixture.h"

namespace auterity::engine {
namespace {

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

TEST_F(EngineTest, ResumingTakesBackASuspendThatHasNotComeIntoEffect) {
  Engine& engine = this->engine();
  world_.effects.answer = [&](EffectRequest request) -> Async<EffectOutcome> {
    co_await world_.clock.sleep(seconds(2));
    co_return std::move(request.arguments);
  };
  const Uuid id = start(engine, request(kThreeCalls));
  world_.clock.run_for(seconds(1));
  ASSERT_TRUE(run(engine.request(id, ControlAction::suspend)));
  ASSERT_TRUE(run(engine.request(id, ControlAction::resume)));
  EXPECT_EQ(wait(engine, id, seconds(60)).status, ExecutionStatus::completed);
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
