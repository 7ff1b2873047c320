// What people ask of an execution, and what comes of it whoever hears of it when.
#include "harness/execution_store_words.h"

namespace auterity::harness {
namespace {

void a_request_wakes_what_sleeps(ExecutionStoreWorld& world) {
  Words say(world);
  const Uuid id = say.leased();
  ASSERT_TRUE(say.save(say.asleep(id, 1, 1, hours(5))));
  ASSERT_TRUE(say.run(say.store().request(id, ControlAction::cancel)));
  const ClaimedExecution claimed = say.claim_only();
  EXPECT_EQ(claimed.requested, ControlAction::cancel);
  ASSERT_TRUE(say.save(say.ended(id, claimed.term, 2, ExecutionStatus::cancelled)));
  EXPECT_EQ(say.run(say.store().inspect(id))->requested, ControlAction::none);
}

void a_request_is_not_slept_through(ExecutionStoreWorld& world) {
  Words say(world);
  const Uuid id = say.leased();
  ASSERT_TRUE(say.run(say.store().request(id, ControlAction::cancel)));
  ASSERT_TRUE(say.save(say.asleep(id, 1, 1, hours(5))));
  EXPECT_EQ(say.claim_only().requested, ControlAction::cancel);
}

void suspended_until_resumed(ExecutionStoreWorld& world) {
  Words say(world);
  const Uuid id = say.leased();
  EXPECT_EQ(say.kind_of(say.run(say.store().request(id, ControlAction::resume))),
            ErrorKind::conflict);
  ASSERT_TRUE(say.run(say.store().request(id, ControlAction::suspend)));
  ASSERT_TRUE(say.save(say.suspended(id, 1, 1)));
  EXPECT_EQ(say.view(id).status, ExecutionStatus::suspended);
  EXPECT_EQ(say.view(id).wake, WakeReason::suspended);
  EXPECT_TRUE(say.run(say.store().request(id, ControlAction::suspend))) << "it is already";
  world.advance(hours(48));
  EXPECT_TRUE(say.claim().empty());
  ASSERT_TRUE(say.run(say.store().request(id, ControlAction::resume)));
  const ClaimedExecution claimed = say.claim_only();
  EXPECT_EQ(claimed.requested, ControlAction::resume);
  ASSERT_TRUE(say.save(say.checkpoint(id, claimed.term, 2)));
  EXPECT_EQ(say.run(say.store().inspect(id))->requested, ControlAction::none);
}

void resuming_takes_back_a_suspend_that_is_still_to_come(ExecutionStoreWorld& world) {
  Words say(world);
  const Uuid id = say.leased();
  ASSERT_TRUE(say.run(say.store().request(id, ControlAction::suspend)));
  ASSERT_TRUE(say.run(say.store().request(id, ControlAction::resume)));
  EXPECT_TRUE(say.run(say.store().request(id, ControlAction::resume))) << "it is already";
  EXPECT_EQ(say.run(say.store().renew({{id, 1}}, kLease))->front().requested,
            ControlAction::resume);
  ASSERT_TRUE(say.save(say.asleep(id, 1, 1, hours(5))));
  EXPECT_EQ(say.view(id).wake, WakeReason::timer) << "nothing is left to carry out";
  EXPECT_EQ(say.run(say.store().inspect(id))->requested, ControlAction::none);
  EXPECT_EQ(say.kind_of(say.run(say.store().request(id, ControlAction::resume))),
            ErrorKind::conflict);
}

void an_owner_that_heard_of_the_suspend_alone_does_not_suspend(ExecutionStoreWorld& world) {
  Words say(world);
  const Uuid id = say.leased();
  ASSERT_TRUE(say.run(say.store().request(id, ControlAction::suspend)));
  ASSERT_TRUE(say.run(say.store().request(id, ControlAction::resume)));
  ASSERT_TRUE(say.save(say.suspended(id, 1, 1)));
  EXPECT_EQ(say.claim_only().requested, ControlAction::resume);
}

// As before, with a checkpoint between the resume and the suspend that comes late.
void a_suspend_that_nobody_asks_for_any_more_is_woken(ExecutionStoreWorld& world) {
  Words say(world);
  const Uuid id = say.leased();
  ASSERT_TRUE(say.run(say.store().request(id, ControlAction::suspend)));
  ASSERT_TRUE(say.run(say.store().request(id, ControlAction::resume)));
  ASSERT_TRUE(say.save(say.checkpoint(id, 1, 1)));
  ASSERT_TRUE(say.save(say.suspended(id, 1, 2)));
  EXPECT_EQ(say.claim_only().requested, ControlAction::resume);
}

void a_suspend_of_what_sleeps_is_taken_back_before_it_is_claimed(ExecutionStoreWorld& world) {
  Words say(world);
  const Uuid id = say.leased();
  ASSERT_TRUE(say.save(say.asleep(id, 1, 1, hours(5))));
  ASSERT_TRUE(say.run(say.store().request(id, ControlAction::suspend)));
  ASSERT_TRUE(say.run(say.store().request(id, ControlAction::resume)));
  const ClaimedExecution claimed = say.claim_only();
  EXPECT_EQ(claimed.requested, ControlAction::resume);
  ASSERT_TRUE(say.save(say.asleep(id, claimed.term, 2, hours(5))));
  EXPECT_EQ(say.view(id).wake, WakeReason::timer);
}

void cancelling_is_not_taken_back(ExecutionStoreWorld& world) {
  Words say(world);
  const Uuid id = say.leased();
  ASSERT_TRUE(say.run(say.store().request(id, ControlAction::cancel)));
  ASSERT_TRUE(say.run(say.store().request(id, ControlAction::suspend)));
  EXPECT_EQ(say.run(say.store().renew({{id, 1}}, kLease))->front().requested,
            ControlAction::cancel);
  EXPECT_EQ(say.kind_of(say.run(say.store().request(id, ControlAction::resume))),
            ErrorKind::conflict);
  const Uuid other = say.leased();
  ASSERT_TRUE(say.run(say.store().request(other, ControlAction::suspend)));
  ASSERT_TRUE(say.run(say.store().request(other, ControlAction::cancel)));
  EXPECT_EQ(say.run(say.store().renew({{other, 1}}, kLease))->front().requested,
            ControlAction::cancel);
}

constexpr ExecutionStoreRule kRules[] = {
    {"ARequestWakesWhatSleeps", a_request_wakes_what_sleeps},
    {"ARequestIsNotSleptThrough", a_request_is_not_slept_through},
    {"SuspendedUntilResumed", suspended_until_resumed},
    {"ResumingTakesBackASuspendThatIsStillToCome",
     resuming_takes_back_a_suspend_that_is_still_to_come},
    {"AnOwnerThatHeardOfTheSuspendAloneDoesNotSuspend",
     an_owner_that_heard_of_the_suspend_alone_does_not_suspend},
    {"ASuspendThatNobodyAsksForAnyMoreIsWoken", a_suspend_that_nobody_asks_for_any_more_is_woken},
    {"ASuspendOfWhatSleepsIsTakenBackBeforeItIsClaimed",
     a_suspend_of_what_sleeps_is_taken_back_before_it_is_claimed},
    {"CancellingIsNotTakenBack", cancelling_is_not_taken_back},
};

}  // namespace

std::span<const ExecutionStoreRule> execution_store_control_rules() { return kRules; }

}  // namespace auterity::harness
