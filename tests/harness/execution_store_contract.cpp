#include "harness/execution_store_contract.h"

#include <set>
#include <vector>

#include "harness/execution_store_words.h"

namespace auterity::harness {
namespace {

void what_was_created_is_ready(ExecutionStoreWorld& world) {
  Words say(world);
  const NewExecution execution = say.fresh();
  const auto created = say.run(say.store().create(execution, std::nullopt, "a", std::nullopt));
  ASSERT_TRUE(created);
  EXPECT_EQ(created->id, execution.id);
  EXPECT_FALSE(created->existing);
  EXPECT_EQ(created->term, 0);
  EXPECT_EQ(say.view(execution.id).status, ExecutionStatus::pending);
  const ClaimedExecution claimed = say.claim_only();
  EXPECT_EQ(claimed.id, execution.id);
  EXPECT_EQ(claimed.term, 1);
  EXPECT_EQ(claimed.seq, 0);
  EXPECT_TRUE(claimed.state.empty());
  EXPECT_EQ(claimed.input, execution.input);
  EXPECT_EQ(say.view(execution.id).status, ExecutionStatus::running);
  EXPECT_TRUE(say.claim().empty());
}

void creation_and_end_are_one_write(ExecutionStoreWorld& world) {
  Words say(world);
  const NewExecution execution = say.fresh();
  ASSERT_TRUE(
      say.run(say.store().create(execution, say.ended(execution.id, 1, 1), "a", std::nullopt)));
  const ExecutionView view = say.view(execution.id);
  EXPECT_EQ(view.status, ExecutionStatus::completed);
  EXPECT_EQ(view.wake, WakeReason::none);
  EXPECT_EQ(view.output, Json(JsonObject{{"done", true}}));
  EXPECT_TRUE(view.finished_at);
  EXPECT_EQ(say.run(say.store().history(execution.id, 0, 10))->size(), 1u);
  world.advance(hours(1));
  EXPECT_TRUE(say.claim().empty());
}

void a_repeated_creation_is_the_same_execution(ExecutionStoreWorld& world) {
  Words say(world);
  const NewExecution execution = say.fresh();
  for (int i = 0; i < 2; ++i) {
    const auto created =
        say.run(say.store().create(execution, say.checkpoint(execution.id, 1, 1), "a", kLease));
    ASSERT_TRUE(created) << created.error().message;
    EXPECT_EQ(created->id, execution.id);
    EXPECT_FALSE(created->existing);
    EXPECT_EQ(created->term, 1);
  }
  EXPECT_EQ(say.run(say.store().history(execution.id, 0, 10))->size(), 1u);
}

void an_idempotency_key_starts_once(ExecutionStoreWorld& world) {
  Words say(world);
  NewExecution first = say.fresh();
  NewExecution second = say.fresh();
  NewExecution different = say.fresh(JsonObject{{"n", 2}});
  for (NewExecution* each : {&first, &second, &different}) each->idempotency_key = "key";
  ASSERT_TRUE(say.run(say.store().create(first, std::nullopt, "a", std::nullopt)));
  const auto again = say.run(say.store().create(second, std::nullopt, "a", kLease));
  ASSERT_TRUE(again);
  EXPECT_TRUE(again->existing);
  EXPECT_EQ(again->id, first.id);
  EXPECT_EQ(again->term, 0);
  const auto refused = say.run(say.store().create(different, std::nullopt, "a", std::nullopt));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::conflict);
  world.advance(hours(25));
  NewExecution later = say.fresh();
  later.idempotency_key = "key";
  const auto fresh = say.run(say.store().create(later, std::nullopt, "a", std::nullopt));
  ASSERT_TRUE(fresh);
  EXPECT_FALSE(fresh->existing);
}

void a_fire_time_starts_once(ExecutionStoreWorld& world) {
  Words say(world);
  NewExecution first = say.fresh();
  NewExecution second = say.fresh(JsonObject{{"n", 2}});
  first.scheduled_for = second.scheduled_for = world.now();
  ASSERT_TRUE(say.run(say.store().create(first, std::nullopt, "a", std::nullopt)));
  const auto again = say.run(say.store().create(second, std::nullopt, "b", std::nullopt));
  ASSERT_TRUE(again);
  EXPECT_TRUE(again->existing);
  EXPECT_EQ(again->id, first.id);
}

void saves_come_one_after_another(ExecutionStoreWorld& world) {
  Words say(world);
  const Uuid id = say.leased();
  EXPECT_TRUE(say.save(say.checkpoint(id, 1, 1)));
  EXPECT_TRUE(say.save(say.checkpoint(id, 1, 1))) << "a repetition is a success";
  EXPECT_EQ(say.kind_of(say.save(say.checkpoint(id, 1, 3))), ErrorKind::conflict);
  EXPECT_EQ(say.kind_of(say.save(say.checkpoint(id, 2, 2))), ErrorKind::conflict);
  EXPECT_TRUE(say.save(say.checkpoint(id, 1, 2)));
  EXPECT_EQ(say.run(say.store().history(id, 0, 10))->size(), 2u);
  EXPECT_EQ(say.kind_of(say.save(say.checkpoint(make_uuid(world.now(), world.random), 1, 1))),
            ErrorKind::not_found);
}

void a_claim_ends_the_term_before(ExecutionStoreWorld& world) {
  Words say(world);
  const Uuid id = say.leased();
  ASSERT_TRUE(say.save(say.checkpoint(id, 1, 1)));
  EXPECT_TRUE(say.claim().empty()) << "the lease still runs";
  world.advance(kLease + seconds(1));
  const ClaimedExecution claimed = say.claim_only();
  EXPECT_EQ(claimed.term, 2);
  EXPECT_EQ(claimed.seq, 1);
  EXPECT_EQ(claimed.last_event, 1);
  EXPECT_EQ(claimed.state, R"({"format":1,"seq":1})");
  EXPECT_EQ(say.kind_of(say.save(say.checkpoint(id, 1, 2))), ErrorKind::conflict);
  EXPECT_TRUE(say.save(say.checkpoint(id, 2, 2)));
}

void a_late_repetition_of_the_old_term_is_no_second_checkpoint(ExecutionStoreWorld& world) {
  Words say(world);
  const Uuid id = say.leased();
  ASSERT_TRUE(say.save(say.checkpoint(id, 1, 1)));
  world.advance(kLease + seconds(1));
  ASSERT_EQ(say.claim_only().term, 2);
  ASSERT_TRUE(say.save(say.checkpoint(id, 2, 2)));
  EXPECT_EQ(say.kind_of(say.save(say.checkpoint(id, 1, 2))), ErrorKind::conflict);
  EXPECT_EQ(say.run(say.store().history(id, 0, 10))->size(), 2u);
}

void an_execution_is_claimed_by_one(ExecutionStoreWorld& world) {
  Words say(world);
  std::set<Uuid> ids;
  for (int i = 0; i < 5; ++i) {
    const NewExecution execution = say.fresh();
    ids.insert(execution.id);
    ASSERT_TRUE(say.run(say.store().create(execution, std::nullopt, "a", std::nullopt)));
    world.advance(milliseconds(1));
  }
  std::set<Uuid> claimed;
  for (std::size_t limit : {2u, 10u})
    for (const ClaimedExecution& each : say.claim(limit))
      EXPECT_TRUE(claimed.insert(each.id).second) << "claimed twice";
  EXPECT_EQ(claimed, ids);
}

void a_timer_wakes_when_it_is_due(ExecutionStoreWorld& world) {
  Words say(world);
  const Uuid id = say.leased();
  ASSERT_TRUE(say.save(say.asleep(id, 1, 1, hours(2))));
  EXPECT_EQ(say.view(id).status, ExecutionStatus::waiting);
  EXPECT_EQ(say.view(id).wake, WakeReason::timer);
  world.advance(hours(1));
  EXPECT_TRUE(say.claim().empty());
  EXPECT_FALSE(*say.run(say.store().claim_one(id, "b", kLease)));
  const auto due = say.run(say.store().next_due());
  ASSERT_TRUE(due && *due);
  world.advance(hours(1) + seconds(1));
  EXPECT_LE(**due, world.now());
  EXPECT_EQ(say.claim_only().term, 2);
}

void nothing_is_due_in_an_empty_store(ExecutionStoreWorld& world) {
  Words say(world);
  const auto due = say.run(say.store().next_due());
  ASSERT_TRUE(due);
  EXPECT_FALSE(*due);
}

void renewing_keeps_a_lease_and_tells_what_is_asked(ExecutionStoreWorld& world) {
  Words say(world);
  const Uuid id = say.leased();
  for (int i = 0; i < 4; ++i) {
    world.advance(seconds(10));
    const auto renewals = say.run(say.store().renew({{id, 1}}, kLease));
    ASSERT_TRUE(renewals);
    ASSERT_EQ(renewals->size(), 1u);
    EXPECT_TRUE(renewals->front().held);
    EXPECT_EQ(renewals->front().requested, ControlAction::none);
  }
  EXPECT_TRUE(say.claim().empty());
  ASSERT_TRUE(say.run(say.store().request(id, ControlAction::suspend)));
  EXPECT_EQ(say.run(say.store().renew({{id, 1}}, kLease))->front().requested,
            ControlAction::suspend);
  world.advance(kLease + seconds(1));
  ASSERT_EQ(say.claim_only().requested, ControlAction::suspend);
  EXPECT_FALSE(say.run(say.store().renew({{id, 1}}, kLease))->front().held);
}

void releasing_makes_ready_at_once(ExecutionStoreWorld& world) {
  Words say(world);
  const Uuid id = say.leased();
  ASSERT_TRUE(say.save(say.checkpoint(id, 1, 1)));
  ASSERT_TRUE(say.run(say.store().release({{id, 7}})));
  EXPECT_TRUE(say.claim().empty()) << "not this term's lease";
  ASSERT_TRUE(say.run(say.store().release({{id, 1}})));
  EXPECT_EQ(say.claim_only().term, 2);
}

void an_end_is_never_left(ExecutionStoreWorld& world) {
  Words say(world);
  for (const ExecutionStatus status :
       {ExecutionStatus::completed, ExecutionStatus::faulted, ExecutionStatus::cancelled}) {
    const Uuid id = say.leased();
    ASSERT_TRUE(say.save(say.ended(id, 1, 1, status)));
    EXPECT_TRUE(say.save(say.ended(id, 1, 1, status))) << "a repetition is a success";
    EXPECT_EQ(say.kind_of(say.save(say.checkpoint(id, 1, 2))), ErrorKind::conflict);
    EXPECT_EQ(say.kind_of(say.run(say.store().request(id, ControlAction::cancel))),
              ErrorKind::conflict);
    world.advance(hours(1));
    EXPECT_TRUE(say.claim().empty());
    EXPECT_EQ(say.view(id).status, status);
  }
}

void restarting_begins_a_new_term(ExecutionStoreWorld& world) {
  Words say(world);
  const Uuid id = say.leased();
  ASSERT_TRUE(say.save(say.checkpoint(id, 1, 1)));
  EXPECT_EQ(say.kind_of(say.run(say.store().restart(id, 1, "{}", {}))), ErrorKind::conflict);
  Checkpoint last = say.ended(id, 1, 2, ExecutionStatus::faulted);
  last.state = R"({"format":1,"last":true})";
  ASSERT_TRUE(say.save(last));
  const auto before = say.run(say.store().inspect(id));
  ASSERT_TRUE(before);
  EXPECT_EQ(before->state, last.state) << "a restart begins from what the end has left";
  EXPECT_EQ(before->last_event, 2);
  HistoryEvent restarted;
  restarted.number = 3;
  restarted.at = world.now();
  restarted.type = "workflow.restarted";
  EXPECT_EQ(say.kind_of(say.run(say.store().restart(id, 1, "{}", {}))), ErrorKind::conflict)
      << "cut back from a checkpoint that is not the last";
  ASSERT_TRUE(say.run(say.store().restart(id, 2, R"({"format":1,"cut":true})", {restarted})));
  EXPECT_EQ(say.view(id).status, ExecutionStatus::pending);
  EXPECT_EQ(say.view(id).output, Json(nullptr));
  EXPECT_FALSE(say.view(id).finished_at);
  const ClaimedExecution claimed = say.claim_only();
  EXPECT_GT(claimed.term, 1);
  EXPECT_EQ(claimed.last_event, 3);
  EXPECT_EQ(claimed.state, R"({"format":1,"cut":true})");
  EXPECT_FALSE(say.save(say.ended(id, 1, claimed.seq + 1)));
  EXPECT_TRUE(say.save(say.ended(id, claimed.term, claimed.seq + 1)));
}

void an_end_without_a_state_leaves_the_last_one(ExecutionStoreWorld& world) {
  Words say(world);
  const Uuid id = say.leased();
  ASSERT_TRUE(say.save(say.checkpoint(id, 1, 1)));
  ASSERT_TRUE(say.save(say.ended(id, 1, 2)));
  EXPECT_EQ(say.run(say.store().inspect(id))->state, R"({"format":1,"seq":1})");
}

void history_is_in_order_and_in_pages(ExecutionStoreWorld& world) {
  Words say(world);
  const Uuid id = say.leased();
  for (std::int64_t seq = 1; seq <= 5; ++seq) ASSERT_TRUE(say.save(say.checkpoint(id, 1, seq)));
  std::int64_t number = 0;
  while (number < 5) {
    const auto page = say.run(say.store().history(id, number, 2));
    ASSERT_TRUE(page);
    ASSERT_FALSE(page->empty());
    ASSERT_LE(page->size(), 2u);
    for (const HistoryEvent& event : *page) EXPECT_EQ(event.number, ++number);
  }
  EXPECT_TRUE(say.run(say.store().history(id, 5, 2))->empty());
}

void lists_are_newest_first(ExecutionStoreWorld& world) {
  Words say(world);
  std::vector<Uuid> ids;
  for (int i = 0; i < 4; ++i) {
    const NewExecution execution = say.fresh();
    ids.push_back(execution.id);
    const auto first = i % 2 == 0 ? std::optional(say.ended(execution.id, 1, 1)) : std::nullopt;
    ASSERT_TRUE(say.run(say.store().create(execution, first, "a", std::nullopt)));
    world.advance(milliseconds(2));
  }
  const auto page = say.run(say.store().list({.limit = 3}));
  ASSERT_TRUE(page);
  ASSERT_EQ(page->size(), 3u);
  EXPECT_EQ(page->front().id, ids[3]);
  const auto rest = say.run(say.store().list({.before = page->back().id, .limit = 3}));
  ASSERT_EQ(rest->size(), 1u);
  EXPECT_EQ(rest->front().id, ids[0]);
  EXPECT_EQ(say.run(say.store().list({.status = ExecutionStatus::completed}))->size(), 2u);
}

void what_is_not_there_is_not_found(ExecutionStoreWorld& world) {
  Words say(world);
  const Uuid id = make_uuid(world.now(), world.random);
  EXPECT_EQ(say.run(say.store().find(id)).error().kind, ErrorKind::not_found);
  EXPECT_EQ(say.run(say.store().inspect(id)).error().kind, ErrorKind::not_found);
  EXPECT_EQ(say.kind_of(say.run(say.store().request(id, ControlAction::cancel))),
            ErrorKind::not_found);
  EXPECT_EQ(say.kind_of(say.run(say.store().restart(id, 1, "{}", {}))), ErrorKind::not_found);
  EXPECT_FALSE(*say.run(say.store().claim_one(id, "b", kLease)));
}

constexpr ExecutionStoreRule kRules[] = {
    {"WhatWasCreatedIsReady", what_was_created_is_ready},
    {"CreationAndEndAreOneWrite", creation_and_end_are_one_write},
    {"ARepeatedCreationIsTheSameExecution", a_repeated_creation_is_the_same_execution},
    {"AnIdempotencyKeyStartsOnce", an_idempotency_key_starts_once},
    {"AFireTimeStartsOnce", a_fire_time_starts_once},
    {"SavesComeOneAfterAnother", saves_come_one_after_another},
    {"AClaimEndsTheTermBefore", a_claim_ends_the_term_before},
    {"ALateRepetitionOfTheOldTermIsNoSecondCheckpoint",
     a_late_repetition_of_the_old_term_is_no_second_checkpoint},
    {"AnExecutionIsClaimedByOne", an_execution_is_claimed_by_one},
    {"ATimerWakesWhenItIsDue", a_timer_wakes_when_it_is_due},
    {"NothingIsDueInAnEmptyStore", nothing_is_due_in_an_empty_store},
    {"RenewingKeepsALeaseAndTellsWhatIsAsked", renewing_keeps_a_lease_and_tells_what_is_asked},
    {"ReleasingMakesReadyAtOnce", releasing_makes_ready_at_once},
    {"AnEndIsNeverLeft", an_end_is_never_left},
    {"RestartingBeginsANewTerm", restarting_begins_a_new_term},
    {"AnEndWithoutAStateLeavesTheLastOne", an_end_without_a_state_leaves_the_last_one},
    {"HistoryIsInOrderAndInPages", history_is_in_order_and_in_pages},
    {"ListsAreNewestFirst", lists_are_newest_first},
    {"WhatIsNotThereIsNotFound", what_is_not_there_is_not_found},
};

}  // namespace

std::span<const ExecutionStoreRule> execution_store_rules() {
  static const std::vector<ExecutionStoreRule> all = [] {
    std::vector<ExecutionStoreRule> rules(std::begin(kRules), std::end(kRules));
    const auto control = execution_store_control_rules();
    rules.insert(rules.end(), control.begin(), control.end());
    return rules;
  }();
  return all;
}

}  // namespace auterity::harness
