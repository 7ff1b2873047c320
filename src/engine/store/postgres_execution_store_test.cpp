// The execution store on a real PostgreSQL: what its contract leaves to this implementation.
#include "engine/store/postgres_execution_store.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <functional>

#include "harness/store_fixture.h"

namespace auterity::engine {
namespace {

using std::chrono::hours;
using std::chrono::seconds;
using testing::IsEmpty;
using testing::SizeIs;

class PostgresExecutionStoreTest : public StoreFixture {};

TEST_F(PostgresExecutionStoreTest, AnExecutionWithoutEffectsIsOneRowAndOneHistoryRow) {
  NewExecution execution = new_execution();
  const Uuid id = execution.id;
  auto created = run(store().create(execution, completed(id, 1, 1), "worker-a", std::nullopt));
  ASSERT_TRUE(created) << created.error().message;
  EXPECT_EQ(created->id, id);
  EXPECT_FALSE(created->existing);
  EXPECT_EQ(created->term, 0);
  EXPECT_EQ(sql("SELECT count(*) FROM workflow_executions"), "1");
  EXPECT_EQ(sql("SELECT count(*) FROM execution_history"), "1");
  auto view = run(store().find(id));
  ASSERT_TRUE(view) << view.error().message;
  EXPECT_EQ(view->status, ExecutionStatus::completed);
  EXPECT_EQ(view->wake, WakeReason::none);
  EXPECT_EQ(view->input, Json({{"n", 1}}));
  EXPECT_EQ(view->output, Json({{"done", true}}));
  EXPECT_TRUE(view->error.is_null());
  EXPECT_EQ(view->created_at, execution.created_at);
  EXPECT_TRUE(view->finished_at.has_value());
  auto events = run(store().history(id, 0, 10));
  ASSERT_TRUE(events);
  ASSERT_THAT(*events, SizeIs(1));
  EXPECT_EQ(events->front().task, "/do/0");
  EXPECT_THAT(*run(store().claim("worker-b", 10, seconds(1))), IsEmpty());
}

TEST_F(PostgresExecutionStoreTest, HundredPureTasksAndThreeCallsAreEightRowWritesAtMost) {
  sql("CREATE TABLE writes (what text);"
      "CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS "
      "$$BEGIN INSERT INTO writes VALUES (TG_TABLE_NAME); RETURN NULL; END$$;"
      "CREATE TRIGGER a AFTER INSERT OR UPDATE ON workflow_executions FOR EACH ROW EXECUTE "
      "FUNCTION note();"
      "CREATE TRIGGER b AFTER INSERT OR UPDATE ON execution_history FOR EACH ROW EXECUTE FUNCTION "
      "note();");
  NewExecution execution = new_execution();
  const Uuid id = execution.id;
  // Pure tasks run in memory: what is written is the start, each call's outcome, and the end.
  ASSERT_TRUE(run(store().create(execution, checkpoint(id, 1, 1), "worker-a", seconds(15))));
  ASSERT_TRUE(run(store().save(checkpoint(id, 1, 2))));
  ASSERT_TRUE(run(store().save(checkpoint(id, 1, 3))));
  ASSERT_TRUE(run(store().save(completed(id, 1, 4))));
  EXPECT_LE(std::stoi(sql("SELECT count(*) FROM writes")), 8);
}

TEST_F(PostgresExecutionStoreTest, ClaimGivesStateInputAndTerm) {
  const Uuid id = leased("worker-a", seconds(5));
  ASSERT_TRUE(run(store().save(checkpoint(id, 1, 1))));
  EXPECT_THAT(*run(store().claim("worker-b", 10, seconds(5))), IsEmpty());
  clock_.advance(seconds(6));
  auto claimed = run(store().claim("worker-b", 10, seconds(5)));
  ASSERT_TRUE(claimed) << claimed.error().message;
  ASSERT_THAT(*claimed, SizeIs(1));
  EXPECT_EQ(claimed->front().id, id);
  EXPECT_EQ(claimed->front().term, 2);
  EXPECT_EQ(claimed->front().seq, 1);
  EXPECT_EQ(claimed->front().state, R"({"format":1,"at":1})");
  EXPECT_EQ(claimed->front().input, Json({{"n", 1}}));
  // The worker that was thought dead.
  auto stale = run(store().save(checkpoint(id, 1, 2)));
  ASSERT_FALSE(stale);
  EXPECT_EQ(stale.error().kind, ErrorKind::conflict);
  EXPECT_TRUE(run(store().save(checkpoint(id, 2, 2))));
}

TEST_F(PostgresExecutionStoreTest, ARepeatedSaveIsSuccessAndAGapIsNot) {
  const Uuid id = leased();
  ASSERT_TRUE(run(store().save(checkpoint(id, 1, 1))));
  EXPECT_TRUE(run(store().save(checkpoint(id, 1, 1))));
  auto gap = run(store().save(checkpoint(id, 1, 3)));
  ASSERT_FALSE(gap);
  EXPECT_EQ(gap.error().kind, ErrorKind::conflict);
  EXPECT_THAT(*run(store().history(id, 0, 10)), SizeIs(1));
  auto unknown = run(store().save(checkpoint(make_uuid(clock_.now(), random_), 1, 1)));
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().kind, ErrorKind::not_found);
}

TEST_F(PostgresExecutionStoreTest, ARepeatedCreateIsTheSameExecution) {
  NewExecution execution = new_execution();
  const Uuid id = execution.id;
  ASSERT_TRUE(run(store().create(execution, completed(id, 1, 1), "a", std::nullopt)));
  auto again = run(store().create(execution, completed(id, 1, 1), "a", std::nullopt));
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(again->id, id);
  EXPECT_THAT(*run(store().history(id, 0, 10)), SizeIs(1));
  // Another execution under the same id.
  execution.workflow_id = make_uuid(clock_.now(), random_);
  auto other = run(store().create(execution, std::nullopt, "a", std::nullopt));
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().kind, ErrorKind::conflict);
}

TEST_F(PostgresExecutionStoreTest, AnIdempotencyKeyStartsOnceWithinItsWindow) {
  NewExecution first = new_execution(), second = new_execution(), other = new_execution();
  for (NewExecution* each : {&first, &second, &other}) each->idempotency_key = "order \"7\"";
  other.input = {{"n", 2}};
  ASSERT_TRUE(run(store().create(first, completed(first.id, 1, 1), "a", std::nullopt)));
  auto again = run(store().create(second, completed(second.id, 1, 1), "a", std::nullopt));
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_TRUE(again->existing);
  EXPECT_EQ(again->id, first.id);
  EXPECT_EQ(run(store().find(second.id)).error().kind, ErrorKind::not_found);
  EXPECT_THAT(*run(store().history(second.id, 0, 10)), IsEmpty());
  auto conflict = run(store().create(other, std::nullopt, "a", std::nullopt));
  ASSERT_FALSE(conflict);
  EXPECT_EQ(conflict.error().kind, ErrorKind::conflict);
  clock_.advance(hours(25));
  NewExecution later = new_execution();
  later.idempotency_key = first.idempotency_key;
  auto fresh = run(store().create(later, std::nullopt, "a", std::nullopt));
  ASSERT_TRUE(fresh) << fresh.error().message;
  EXPECT_FALSE(fresh->existing);
}

TEST_F(PostgresExecutionStoreTest, AFireTimeStartsOnceWhoeverTries) {
  NewExecution first = new_execution(), second = new_execution();
  first.scheduled_for = second.scheduled_for = from_epoch_microseconds(1'790'000'000'000'000);
  second.input = {{"n", 2}};
  ASSERT_TRUE(run(store().create(first, std::nullopt, "a", std::nullopt)));
  auto again = run(store().create(second, std::nullopt, "b", std::nullopt));
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_TRUE(again->existing);
  EXPECT_EQ(again->id, first.id);
}

TEST_F(PostgresExecutionStoreTest, ARequestThatACheckpointWouldSleepThroughWakesIt) {
  const Uuid id = leased();
  ASSERT_TRUE(run(store().request(id, ControlAction::cancel)));
  Checkpoint sleep = checkpoint(id, 1, 1);
  sleep.status = ExecutionStatus::waiting;
  sleep.wake = WakeReason::timer;
  sleep.wake_at = clock_.now() + hours(5);
  ASSERT_TRUE(run(store().save(sleep)));
  auto claimed = run(store().claim("worker-b", 10, seconds(5)));
  ASSERT_TRUE(claimed);
  ASSERT_THAT(*claimed, SizeIs(1));
  EXPECT_EQ(claimed->front().requested, ControlAction::cancel);
}

TEST_F(PostgresExecutionStoreTest, ListsAreNewestFirstByKeyset) {
  std::vector<Uuid> ids;
  for (int i = 0; i < 5; ++i) {
    NewExecution execution = new_execution();
    ids.push_back(execution.id);
    auto first = i % 2 == 0 ? std::optional(completed(execution.id, 1, 1)) : std::nullopt;
    ASSERT_TRUE(run(store().create(execution, first, "a", std::nullopt)));
    clock_.advance(std::chrono::milliseconds(2));
  }
  auto page = run(store().list({.limit = 2}));
  ASSERT_TRUE(page) << page.error().message;
  ASSERT_THAT(*page, SizeIs(2));
  EXPECT_EQ((*page)[0].id, ids[4]);
  auto next = run(store().list({.before = (*page)[1].id, .limit = 10}));
  ASSERT_THAT(*next, SizeIs(3));
  EXPECT_EQ((*next)[0].id, ids[2]);
  for (auto workflow : {std::optional<Uuid>(), std::optional(workflow_)}) {
    EXPECT_THAT(*run(store().list({.workflow_id = workflow, .status = ExecutionStatus::completed})),
                SizeIs(3));
    EXPECT_THAT(*run(store().list({.workflow_id = workflow, .status = ExecutionStatus::pending})),
                SizeIs(2));
    EXPECT_THAT(*run(store().list({.workflow_id = workflow, .status = ExecutionStatus::faulted})),
                IsEmpty());
  }
  EXPECT_THAT(*run(store().list({.workflow_id = make_uuid(clock_.now(), random_)})), IsEmpty());
  // Every filter goes on below the last id of the page before.
  for (auto status : {std::optional<ExecutionStatus>(), std::optional(ExecutionStatus::completed),
                      std::optional(ExecutionStatus::pending)}) {
    for (auto workflow : {std::optional<Uuid>(), std::optional(workflow_)}) {
      ExecutionFilter filter{.workflow_id = workflow, .status = status, .limit = 1};
      std::vector<Uuid> seen;
      for (auto one = run(store().list(filter)); !one->empty(); one = run(store().list(filter))) {
        seen.push_back(one->front().id);
        filter.before = seen.back();
      }
      EXPECT_EQ(seen.size(), !status ? 5u : status == ExecutionStatus::completed ? 3u : 2u);
      EXPECT_TRUE(std::ranges::is_sorted(seen, std::greater<>()));
    }
  }
}

TEST_F(PostgresExecutionStoreTest, LargeValuesLiveInTheObjectStore) {
  NewExecution execution = new_execution();
  const Uuid id = execution.id;
  const std::string large(100'000, 'x');
  execution.input = {{"blob", large}};
  Checkpoint first = checkpoint(id, 1, 1);
  first.state = "@" + large;
  first.events.front().data = large;
  ASSERT_TRUE(run(store().create(execution, first, "a", seconds(1))));
  EXPECT_THAT(objects_.objects(), SizeIs(3));
  EXPECT_LT(std::stoi(sql("SELECT length(input) FROM workflow_executions")), 100);
  clock_.advance(seconds(2));
  auto claimed = run(store().claim("b", 1, seconds(5)));
  ASSERT_TRUE(claimed) << claimed.error().message;
  EXPECT_EQ(claimed->front().input, execution.input);
  EXPECT_EQ(claimed->front().state, first.state);
  EXPECT_EQ(run(store().history(id, 0, 5))->front().data, Json(large));
  Checkpoint last = completed(id, 2, 2);
  last.output = Json{{"blob", large}};
  ASSERT_TRUE(run(store().save(last)));
  EXPECT_THAT(objects_.objects(), SizeIs(3));  // the same content once
  EXPECT_EQ(run(store().find(id))->output, *last.output);
}

TEST_F(PostgresExecutionStoreTest, AFullObjectStoreLosesNothing) {
  const Uuid id = leased();
  ASSERT_TRUE(run(store().save(checkpoint(id, 1, 1))));
  objects_.fail_writes(ErrorKind::storage_full);
  NewExecution execution = new_execution();
  execution.input = std::string(70'000, 'y');
  auto refused = run(store().create(execution, std::nullopt, "a", std::nullopt));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::storage_full);
  EXPECT_EQ(run(store().find(execution.id)).error().kind, ErrorKind::not_found);
  Checkpoint large = checkpoint(id, 1, 2);
  large.state = std::string(70'000, 'z');
  auto unsaved = run(store().save(large));
  ASSERT_FALSE(unsaved);
  EXPECT_EQ(unsaved.error().kind, ErrorKind::storage_full);
  EXPECT_EQ(run(store().inspect(id))->seq, 1);
  objects_.fail_writes(std::nullopt);
  EXPECT_TRUE(run(store().save(large)));
  EXPECT_EQ(run(store().inspect(id))->state, large.state);
}

TEST_F(PostgresExecutionStoreTest, ADamagedPayloadIsNeverTakenForData) {
  NewExecution execution = new_execution();
  execution.input = std::string(70'000, 'y');
  ASSERT_TRUE(run(store().create(execution, std::nullopt, "a", std::nullopt)));
  std::string& object = objects_.objects().begin()->second;
  object[500] = 'n';
  EXPECT_EQ(run(store().find(execution.id)).error().kind, ErrorKind::internal);
  object.pop_back();
  EXPECT_EQ(run(store().find(execution.id)).error().kind, ErrorKind::internal);
  objects_.objects().clear();
  EXPECT_EQ(run(store().find(execution.id)).error().kind, ErrorKind::internal);
}

TEST_F(PostgresExecutionStoreTest, RestartBeginsANewTermFromTheGivenState) {
  const Uuid id = leased();
  ASSERT_TRUE(run(store().save(checkpoint(id, 1, 1))));
  EXPECT_EQ(run(store().restart(id, 1, "{}", {})).error().kind, ErrorKind::conflict);
  ASSERT_TRUE(run(store().save(completed(id, 1, 2))));
  auto before = run(store().inspect(id));
  ASSERT_TRUE(before);
  EXPECT_EQ(before->state, R"({"format":1,"at":1})");  // the last one there was
  ASSERT_TRUE(
      run(store().restart(id, 2, R"({"cut":true})",
                          {{.number = 3, .at = clock_.now(), .type = "workflow.restarted"}})));
  auto claimed = run(store().claim_one(id, "b", seconds(5)));
  ASSERT_TRUE(claimed);
  ASSERT_TRUE(claimed->has_value());
  EXPECT_EQ((*claimed)->state, R"({"cut":true})");
  EXPECT_EQ((*claimed)->seq, 3);
  EXPECT_EQ((*claimed)->last_event, 3);
  EXPECT_GT((*claimed)->term, 1);
  EXPECT_FALSE(run(store().save(completed(id, 1, 4))));
  EXPECT_TRUE(run(store().save(completed(id, (*claimed)->term, 4))));
}

TEST_F(PostgresExecutionStoreTest, RenewTellsWhatIsHeldAndWhatIsAsked) {
  const Uuid held = leased(), lost = leased();
  clock_.advance(seconds(20));
  ASSERT_TRUE(run(store().claim_one(lost, "worker-b", seconds(15))));
  ASSERT_TRUE(run(store().request(held, ControlAction::suspend)));
  auto renewals = run(store().renew({{held, 1}, {lost, 1}}, seconds(15)));
  ASSERT_TRUE(renewals) << renewals.error().message;
  EXPECT_TRUE((*renewals)[0].held);
  EXPECT_EQ((*renewals)[0].requested, ControlAction::suspend);
  EXPECT_FALSE((*renewals)[1].held);
  ASSERT_TRUE(run(store().release({{held, 1}, {lost, 1}})));
  auto claimed = run(store().claim("worker-c", 10, seconds(15)));
  ASSERT_THAT(*claimed, SizeIs(1));
  EXPECT_EQ(claimed->front().id, held);
}

}  // namespace
}  // namespace auterity::engine
