// The scheduler on a real PostgreSQL: leaders, fire times, what is left when one dies.
#include "engine/scheduler/scheduler.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "engine/definition/parser.h"
#include "engine/store/postgres_schedule_store.h"
#include "engine/store/postgres_workflow_store.h"
#include "harness/store_fixture.h"

namespace auterity::engine {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

TEST(ActiveSchedules, OnlyTheNewestVersionOfANameFires) {
  ScheduledVersion old{.name = "a", .version = "1.9.0", .scheduled = true};
  ScheduledVersion newer{.name = "a", .version = "1.10.0", .scheduled = true};
  ScheduledVersion other{.name = "b", .version = "1.0.0", .scheduled = true};
  ScheduledVersion ended{.name = "b", .version = "1.1.0", .scheduled = false};
  auto active = active_schedules({newer, old, other, ended});
  ASSERT_EQ(active.size(), 1u);
  EXPECT_EQ(active.front().version, "1.10.0");
}

class SchedulerTest : public StoreFixture {
 protected:
  void SetUp() override {
    StoreFixture::SetUp();
    if (IsSkipped()) return;
    workflows_ =
        std::make_unique<PostgresWorkflowStore>(loop_.executor(), database(), clock_, random_);
    schedules_ = std::make_unique<PostgresScheduleStore>(database());
    leaderships_ = std::make_unique<PostgresLeadershipStore>(database(), clock_);
  }

  std::unique_ptr<Scheduler> scheduler(std::string holder) {
    auto start = [this](StartRequest request) { return start_execution(std::move(request)); };
    return std::make_unique<Scheduler>(SchedulerServices{.clock = clock_,
                                                         .log = log_,
                                                         .metrics = *metrics_,
                                                         .schedules = *schedules_,
                                                         .workflows = *workflows_,
                                                         .leaderships = *leaderships_,
                                                         .start = start},
                                       SchedulerOptions{.holder = std::move(holder)});
  }

  Async<Result<Created>> start_execution(StartRequest request) {
    if (refuse_) co_return fail(ErrorKind::unavailable, "no room", "wait");
    NewExecution execution = new_execution();
    execution.workflow_id = request.workflow_id;
    execution.scheduled_for = request.scheduled_for;
    execution.trigger = request.trigger;
    co_return co_await store().create(std::move(execution), std::nullopt, "a", std::nullopt);
  }

  Uuid publish(std::string_view version, std::string_view schedule) {
    auto parsed = parse_definition(
        fmt::format("document:\n  dsl: '1.0.0'\n  namespace: test\n  name: timed\n  version: "
                    "'{}'\nschedule:\n  {}\ndo:\n  - set:\n      set:\n        value: 1\n",
                    version, schedule));
    EXPECT_TRUE(parsed);
    auto outcome = run(workflows_->publish(*parsed, "user-1"));
    EXPECT_TRUE(outcome);
    return outcome->workflow.id;
  }
  std::string executions() { return sql("SELECT count(*) FROM workflow_executions"); }

  bool refuse_ = false;
  std::unique_ptr<PostgresWorkflowStore> workflows_;
  std::unique_ptr<PostgresScheduleStore> schedules_;
  std::unique_ptr<PostgresLeadershipStore> leaderships_;
};

TEST_F(SchedulerTest, StartsWhatIsDueOnce) {
  publish("1.0.0", "every:\n    minutes: 10");
  auto leader = scheduler("a");
  auto report = run(leader->run_once());
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_TRUE(report->leading);
  EXPECT_EQ(report->started, 0u);
  ASSERT_TRUE(report->next);
  clock_.advance(minutes(35));
  report = run(leader->run_once());
  EXPECT_EQ(report->started, 1u);  // of three missed ones the latest
  EXPECT_EQ(run(leader->run_once())->started, 0u);
  EXPECT_EQ(executions(), "1");
  EXPECT_EQ(sql("SELECT trigger FROM workflow_executions"), "schedule");
}

TEST_F(SchedulerTest, OneLeadsAndAnotherTakesOverWhenItsLeaseHasRunOut) {
  publish("1.0.0", "every:\n    minutes: 10");
  auto first = scheduler("a"), second = scheduler("b");
  EXPECT_TRUE(run(first->run_once())->leading);
  EXPECT_FALSE(run(second->run_once())->leading);
  clock_.advance(minutes(11));
  EXPECT_EQ(run(second->run_once())->started, 1u);
  EXPECT_EQ(sql("SELECT holder || term FROM leadership"), "b2");
  // The old leader trusts its lease still: what it does twice is known.
  EXPECT_EQ(run(first->run_once())->started, 0u);
  EXPECT_EQ(executions(), "1");
}

TEST_F(SchedulerTest, ResigningLetsAnotherLeadAtOnce) {
  auto first = scheduler("a"), second = scheduler("b");
  EXPECT_TRUE(run(first->run_once())->leading);
  ASSERT_TRUE(run(first->resign()));
  EXPECT_TRUE(run(second->run_once())->leading);
  EXPECT_FALSE(run(first->run_once())->leading);
}

TEST_F(SchedulerTest, ALeaderThatDiedBetweenStartAndNoteIsRepeatedWithoutHarm) {
  publish("1.0.0", "every:\n    minutes: 10");
  auto leader = scheduler("a");
  clock_.advance(minutes(10));
  EXPECT_EQ(run(leader->run_once())->started, 1u);
  sql("UPDATE schedules SET last_fire_at = NULL");
  auto report = run(leader->run_once());
  EXPECT_EQ(report->started, 0u);
  EXPECT_EQ(report->repeated, 1u);
  EXPECT_EQ(executions(), "1");
}

TEST_F(SchedulerTest, AfterWaitsForTheEndOfTheLastExecution) {
  publish("1.0.0", "after:\n    hours: 1");
  auto leader = scheduler("a");
  EXPECT_EQ(run(leader->run_once())->started, 1u);
  clock_.advance(hours(3));
  EXPECT_EQ(run(leader->run_once())->started, 0u);
  auto claimed = run(store().claim("w", 1, seconds(15)));
  ASSERT_EQ(claimed->size(), 1u);
  ASSERT_TRUE(run(store().save(completed(claimed->front().id, claimed->front().term, 1))));
  EXPECT_EQ(run(leader->run_once())->started, 0u);
  clock_.advance(hours(1));
  EXPECT_EQ(run(leader->run_once())->started, 1u);
}

TEST_F(SchedulerTest, ANewVersionTakesTheScheduleOverAndRemovingEndsIt) {
  publish("1.0.0", "every:\n    minutes: 10");
  const Uuid newer = publish("1.1.0", "every:\n    minutes: 10");
  auto leader = scheduler("a");
  clock_.advance(minutes(10));
  EXPECT_EQ(run(leader->run_once())->started, 1u);
  EXPECT_EQ(sql("SELECT workflow_id FROM workflow_executions"), to_text(newer));
  for (const auto& view : *run(workflows_->list(std::nullopt, 10)))
    ASSERT_TRUE(run(workflows_->remove(view.id)));
  clock_.advance(minutes(10));
  EXPECT_EQ(run(leader->run_once())->started, 0u);
}

TEST_F(SchedulerTest, WhatCannotBeStartedIsTriedAgain) {
  publish("1.0.0", "every:\n    minutes: 10");
  auto leader = scheduler("a");
  clock_.advance(minutes(10));
  refuse_ = true;
  EXPECT_EQ(run(leader->run_once())->failed, 1u);
  refuse_ = false;
  EXPECT_EQ(run(leader->run_once())->started, 1u);
}

}  // namespace
}  // namespace auterity::engine
