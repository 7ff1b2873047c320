#include "engine/store/wake_reason_checker.h"

#include <gmock/gmock.h>

#include "harness/store_fixture.h"

namespace auterity::engine {
namespace {

using std::chrono::hours;
using std::chrono::seconds;
using testing::IsEmpty;
using testing::SizeIs;

struct Damage {
  WakeFault fault;
  const char* columns;
};

class WakeReasonCheckerTest : public StoreFixture {
 protected:
  std::vector<WakeRepair> check() {
    WakeReasonChecker checker(database(), clock_, log_, *metrics_);
    auto repairs = run(checker.run_once());
    EXPECT_TRUE(repairs) << repairs.error().message;
    return repairs.value_or(std::vector<WakeRepair>{});
  }
  void damage(const Uuid& id, const std::string& columns) {
    sql("UPDATE workflow_executions SET " + columns + " WHERE id = '" + to_text(id) + "'");
  }
};

TEST_F(WakeReasonCheckerTest, HealthyExecutionsAreLeftAlone) {
  leased();
  const Uuid sleeping = leased(), suspended = leased(), ended = leased(), stale = leased();
  NewExecution fresh = new_execution();
  ASSERT_TRUE(run(store().create(fresh, std::nullopt, "a", std::nullopt)));
  Checkpoint timer = checkpoint(sleeping, 1, 1);
  timer.status = ExecutionStatus::waiting;
  timer.wake = WakeReason::timer;
  timer.wake_at = clock_.now() + hours(1);
  ASSERT_TRUE(run(store().save(timer)));
  Checkpoint held = checkpoint(suspended, 1, 1);
  held.status = ExecutionStatus::suspended;
  held.wake = WakeReason::suspended;
  ASSERT_TRUE(run(store().save(held)));
  ASSERT_TRUE(run(store().save(completed(ended, 1, 1))));
  clock_.advance(hours(1));  // `stale`'s owner is dead: the next claim takes it
  EXPECT_THAT(check(), IsEmpty());
  EXPECT_NE(stale, fresh.id);
}

TEST_F(WakeReasonCheckerTest, EveryFaultIsFoundAndTheExecutionCanBeClaimed) {
  const Damage damages[] = {
      {WakeFault::none_at_all, "wake = 'none', due_at = NULL, owner = NULL"},
      {WakeFault::no_time, "due_at = NULL"},
      {WakeFault::no_time, "wake = 'timer', due_at = NULL"},
      {WakeFault::no_time, "wake = 'ready', due_at = NULL"},
      {WakeFault::no_owner, "owner = NULL"},
      {WakeFault::not_suspended, "wake = 'suspended', due_at = NULL"},
      {WakeFault::unheard_request, "wake = 'timer', requested = 'cancel'"},
  };
  for (const Damage& each : damages) {
    const Uuid id = leased();
    damage(id, each.columns);
    const auto repairs = check();
    ASSERT_THAT(repairs, SizeIs(1)) << each.columns;
    EXPECT_EQ(repairs.front().id, id);
    EXPECT_EQ(repairs.front().fault, each.fault) << to_text(repairs.front().fault);
    auto claimed = run(store().claim_one(id, "b", seconds(15)));
    ASSERT_TRUE(claimed && claimed->has_value()) << each.columns;
    EXPECT_EQ((*claimed)->term, 2);
    EXPECT_THAT(check(), IsEmpty());
  }
}

TEST_F(WakeReasonCheckerTest, LookingChangesNothing) {
  const Uuid id = leased();
  damage(id, "owner = NULL");
  for (int look = 0; look < 2; ++look) {
    const auto faults = run(WakeReasonChecker::find(database(), clock_));
    ASSERT_TRUE(faults) << faults.error().message;
    ASSERT_THAT(*faults, SizeIs(1));
    EXPECT_EQ(faults->front().id, id);
  }
  EXPECT_THAT(check(), SizeIs(1));
}

TEST_F(WakeReasonCheckerTest, SuspendedByAPersonStaysSoAndEndedStaysEnded) {
  const Uuid suspended = leased(), ended = leased();
  ASSERT_TRUE(run(store().save(completed(ended, 1, 1))));
  damage(suspended, "status = 'suspended', wake = 'suspended', due_at = now() - interval '1 hour'");
  damage(ended, "wake = 'ready', due_at = now() - interval '1 hour'");
  EXPECT_THAT(check(), SizeIs(2));
  EXPECT_THAT(*run(store().claim("b", 10, seconds(15))), IsEmpty());
  EXPECT_EQ(run(store().find(suspended))->status, ExecutionStatus::suspended);
  EXPECT_EQ(run(store().find(ended))->status, ExecutionStatus::completed);
  EXPECT_THAT(check(), IsEmpty());
}

}  // namespace
}  // namespace auterity::engine
