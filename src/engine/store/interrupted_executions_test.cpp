#include "engine/store/interrupted_executions.h"

#include <gtest/gtest.h>

#include <map>

#include "harness/store_fixture.h"

namespace auterity::engine {
namespace {

using std::chrono::hours;

class InterruptedExecutionsTest : public StoreFixture {};

TEST(InnermostTasks, AreThoseThatNoOtherIsWithin) {
  EXPECT_EQ(innermost_tasks(R"({"activations": [{"id": 1},
      {"id": 2, "parent": 1, "task": "/do/0/fork"},
      {"id": 3, "parent": 2, "task": "/do/0/fork/branches/0/a"},
      {"id": 4, "parent": 2, "task": "/do/0/fork/branches/1/b"}]})"),
            (std::vector<std::string>{"/do/0/fork/branches/0/a", "/do/0/fork/branches/1/b"}));
  EXPECT_TRUE(innermost_tasks("").empty());
  EXPECT_TRUE(innermost_tasks(R"({"activations": 1})").empty());
}

TEST_F(InterruptedExecutionsTest, ThoseThatHaveNotEndedAreFoundWithWhatWakesThem) {
  const Uuid moving = leased(), sleeping = leased(), ended = leased();
  Checkpoint timer = checkpoint(sleeping, 1, 1);
  timer.status = ExecutionStatus::waiting;
  timer.wake = WakeReason::timer;
  timer.wake_at = clock_.now() + hours(1);
  ASSERT_TRUE(run(store().save(timer)));
  ASSERT_TRUE(run(store().save(completed(ended, 1, 1))));
  const auto found = run(find_interrupted(database(), objects_));
  ASSERT_TRUE(found) << found.error().message;
  std::map<Uuid, InterruptedExecution> by_id;
  for (const auto& one : *found) by_id[one.id] = one;
  EXPECT_FALSE(by_id.contains(ended));
  ASSERT_TRUE(by_id.contains(moving) && by_id.contains(sleeping));
  EXPECT_EQ(by_id[moving].wakes_by, "lease");
  EXPECT_EQ(by_id[sleeping].wakes_by, "timer");
  EXPECT_EQ(by_id[sleeping].status, "waiting");
  EXPECT_EQ(by_id[sleeping].due, timer.wake_at);
}

TEST_F(InterruptedExecutionsTest, WhatLacksAPayloadCannotGoOn) {
  const Uuid id = leased();
  sql("UPDATE workflow_executions SET input = '@payload:" + std::string(64, 'a') +
      ":70000' WHERE id = '" + to_text(id) + "'");
  const auto found = run(find_interrupted(database(), objects_));
  ASSERT_TRUE(found) << found.error().message;
  ASSERT_EQ(found->size(), 1u);
  EXPECT_NE(found->front().damage.find("its input"), std::string::npos) << found->front().damage;
}

}  // namespace
}  // namespace auterity::engine
