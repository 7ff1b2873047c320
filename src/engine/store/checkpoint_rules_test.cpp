#include "engine/store/checkpoint_rules.h"

#include <gtest/gtest.h>

namespace auterity::engine {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

const Time kNow = from_epoch_microseconds(1'790'000'000'000'000);

Checkpoint running() {
  Checkpoint checkpoint{.term = 1, .seq = 1};
  checkpoint.state = "{}";
  checkpoint.events = {{.number = 1}, {.number = 2}};
  return checkpoint;
}

TEST(CheckpointRules, ARunningCheckpointIsSound) { EXPECT_TRUE(check(running())); }

TEST(CheckpointRules, WhatCouldNotBeKeptIsRefusedAsABug) {
  std::vector<Checkpoint> bad(6, running());
  bad[0].seq = 0;
  bad[1].term = 0;
  bad[2].status = ExecutionStatus::completed;  // still leased
  bad[3].wake = WakeReason::none;              // still running
  bad[4].wake = WakeReason::timer;             // without a time
  bad[5].events = {{.number = 2}, {.number = 2}};
  for (const Checkpoint& checkpoint : bad) {
    const Status checked = check(checkpoint);
    ASSERT_FALSE(checked);
    EXPECT_EQ(checked.error().kind, ErrorKind::internal);
    EXPECT_FALSE(save_write(checkpoint, kNow, seconds(15)));
  }
}

TEST(CheckpointRules, DueIsWhatWakes) {
  Checkpoint checkpoint = running();
  EXPECT_EQ(save_write(checkpoint, kNow, seconds(15))->due_at, std::nullopt);
  EXPECT_EQ(save_write(checkpoint, kNow, seconds(15))->lease_until, kNow + seconds(15));
  checkpoint.wake = WakeReason::ready;
  EXPECT_EQ(save_write(checkpoint, kNow, seconds(15))->due_at, kNow);
  checkpoint.wake = WakeReason::timer;
  checkpoint.wake_at = kNow + hours(1);
  EXPECT_EQ(save_write(checkpoint, kNow, seconds(15))->due_at, kNow + hours(1));
}

TEST(CheckpointRules, ANewExecutionIsReadyOrLeasedOrEnded) {
  NewExecution execution{.created_at = kNow};
  auto ready = create_write(execution, std::nullopt, "a", std::nullopt, kNow, hours(24));
  ASSERT_TRUE(ready);
  EXPECT_EQ(ready->wake, WakeReason::ready);
  EXPECT_EQ(ready->due_at, kNow);
  EXPECT_EQ(ready->term, 0);
  EXPECT_EQ(ready->owner, std::nullopt);
  auto leased = create_write(execution, std::nullopt, "a", seconds(15), kNow, hours(24));
  EXPECT_EQ(leased->wake, WakeReason::lease);
  EXPECT_EQ(leased->due_at, kNow + seconds(15));
  EXPECT_EQ(leased->term, 1);
  EXPECT_EQ(leased->owner, "a");
  Checkpoint last = running();
  last.status = ExecutionStatus::completed;
  last.wake = WakeReason::none;
  last.state.clear();
  auto ended = create_write(execution, last, "a", seconds(15), kNow, hours(24));
  EXPECT_EQ(ended->due_at, std::nullopt);
  EXPECT_EQ(ended->owner, std::nullopt);
  EXPECT_EQ(ended->finished_at, kNow);
  EXPECT_EQ(ended->first->state, std::nullopt);
  last.seq = 2;
  EXPECT_FALSE(create_write(execution, last, "a", seconds(15), kNow, hours(24)));
}

TEST(CheckpointRules, StartKeysComeFromScheduleOrIdempotencyKey) {
  NewExecution execution{.created_at = kNow};
  execution.input = {{"b", 1}, {"a", 2}};
  execution.idempotency_key = "k";
  auto keyed = create_write(execution, std::nullopt, "a", std::nullopt, kNow, hours(24));
  ASSERT_TRUE(keyed->key);
  EXPECT_EQ(keyed->key->kind, kIdempotencyKind);
  EXPECT_EQ(keyed->key->expires_at, kNow + hours(24));
  NewExecution reordered = execution;
  reordered.input = {{"a", 2}, {"b", 1}};
  EXPECT_EQ(
      create_write(reordered, std::nullopt, "a", std::nullopt, kNow, hours(24))->key->input_digest,
      keyed->key->input_digest);
  execution.scheduled_for = kNow;
  EXPECT_EQ(create_write(execution, std::nullopt, "a", std::nullopt, kNow, hours(24))->key->kind,
            kScheduleKind);
}

}  // namespace
}  // namespace auterity::engine
