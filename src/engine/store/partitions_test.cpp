#include "engine/store/partitions.h"

#include <gmock/gmock.h>

#include "core/task_group.h"
#include "engine/executor/signal.h"
#include "harness/store_fixture.h"

namespace auterity::engine {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::seconds;
using testing::IsEmpty;
using testing::SizeIs;

// Counts transactions, and holds them back while the gate is shut.
class GatedDatabase final : public data::Database {
 public:
  GatedDatabase(const Executor& executor, std::unique_ptr<data::Database> inner)
      : inner_(std::move(inner)), opened_(executor) {}
  int transactions = 0;
  bool shut = false;
  void open() {
    shut = false;
    opened_.notify();
  }

  Async<Result<data::RowsPtr>> query(data::Query query) override {
    return inner_->query(std::move(query));
  }
  Async<Result<data::RowsPtr>> read(data::Query query) override {
    return inner_->read(std::move(query));
  }
  Async<Result<std::vector<data::RowsPtr>>> transact(std::vector<data::Query> queries) override {
    return inner_->transact(std::move(queries));
  }
  Async<Status> with_transaction(std::function<Async<Status>(data::Session&)> work) override {
    ++transactions;
    while (shut) co_await opened_.wait();
    co_return co_await inner_->with_transaction(std::move(work));
  }
  Async<Result<std::unique_ptr<data::Session>>> open_session() override {
    return inner_->open_session();
  }
  PoolState pool() const override { return inner_->pool(); }
  Async<void> close() override { return inner_->close(); }

 private:
  std::unique_ptr<data::Database> inner_;
  Signal opened_;
};

class PartitionsTest : public StoreFixture {
 protected:
  PartitionReport duty() {
    auto report = run(store().partitions().run_once());
    EXPECT_TRUE(report) << report.error().message;
    return report.value_or(PartitionReport{});
  }
  GatedDatabase& gated() {
    database();
    auto gated = std::make_unique<GatedDatabase>(loop_.executor(), std::move(database_));
    GatedDatabase& answer = *gated;
    database_ = std::move(gated);
    return answer;
  }
  Async<void> ensure_into(Status& answer) {
    answer = co_await store().partitions().ensure(clock_.now());
  }
  Async<void> until_asked(const GatedDatabase& database, int transactions) {
    while (database.transactions < transactions)
      co_await clock_.sleep(std::chrono::milliseconds(1));
  }
  TaskGroup tasks(std::string name) {
    return TaskGroup(
        loop_.executor(), std::move(name),
        [](std::string_view, const std::exception_ptr&) { ADD_FAILURE() << "a task threw"; });
  }
  Uuid ended() {
    NewExecution execution = new_execution();
    execution.input = Json(std::string(70'000, 'x'));
    EXPECT_TRUE(run(store().create(execution, completed(execution.id, 1, 1), "a", std::nullopt)));
    return execution.id;
  }
};

TEST_F(PartitionsTest, AreMadeAheadOnce) {
  const PartitionReport first = duty();
  EXPECT_GE(first.created.size(), 4u);  // this week and three ahead
  EXPECT_THAT(duty().created, IsEmpty());
  clock_.advance(days(7));
  EXPECT_THAT(duty().created, SizeIs(1));
}

TEST_F(PartitionsTest, ManyWhoNeedOneAskForItOnce) {
  GatedDatabase& database = gated();
  std::vector<Status> answers(20, fail(ErrorKind::internal, "not answered"));
  TaskGroup creators = tasks("creators");
  for (Status& answer : answers) creators.spawn("ensure", ensure_into(answer));
  run(creators.join());
  for (const Status& answer : answers) EXPECT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(database.transactions, 1);
}

TEST_F(PartitionsTest, OneWhoIsCancelledLeavesNobodyWaiting) {
  GatedDatabase& database = gated();
  database.shut = true;
  Status first = fail(ErrorKind::internal, "not answered");
  Status second = first;
  TaskGroup cancelled = tasks("cancelled");
  cancelled.spawn("ensure", ensure_into(first));
  run(until_asked(database, 1));
  TaskGroup waiting = tasks("waiting");
  waiting.spawn("ensure", ensure_into(second));
  cancelled.stop();
  run(cancelled.join());
  run(until_asked(database, 2));
  database.open();
  run(waiting.join());
  EXPECT_FALSE(first);
  EXPECT_TRUE(second) << second.error().message;
}

TEST_F(PartitionsTest, RowsOfAWeekLieInItsPartition) {
  const Uuid id = ended();
  const std::string name = sql("SELECT tableoid::regclass FROM workflow_executions");
  EXPECT_EQ(sql("SELECT tableoid::regclass FROM execution_history"),
            "execution_history" + name.substr(name.rfind('_')));
  EXPECT_TRUE(run(store().find(id)));
  EXPECT_NE(
      sql("SELECT reloptions FROM pg_class WHERE relname = '" + name + "'").find("fillfactor"),
      std::string::npos);
}

TEST_F(PartitionsTest, RetentionDropsWholePartitionsWithTheirPayloads) {
  const Uuid old = ended();
  EXPECT_THAT(objects_.objects(), SizeIs(1));
  clock_.advance(days(97));
  const Uuid fresh = ended();
  const PartitionReport report = duty();
  EXPECT_THAT(report.dropped, SizeIs(testing::Ge(1u)));
  EXPECT_EQ(report.payloads_removed, 1u);
  EXPECT_THAT(objects_.objects(), SizeIs(1));
  EXPECT_EQ(run(store().find(old)).error().kind, ErrorKind::not_found);
  EXPECT_THAT(*run(store().history(old, 0, 10)), IsEmpty());
  EXPECT_TRUE(run(store().find(fresh)));
}

TEST_F(PartitionsTest, OneThatHoldsAnUnfinishedExecutionIsKeptAndReported) {
  const Uuid unfinished = leased();
  ended();
  clock_.advance(days(120));
  PartitionReport report = duty();
  ASSERT_THAT(report.kept, SizeIs(1));
  EXPECT_EQ(report.kept.front().unfinished, 1);
  EXPECT_EQ(report.payloads_removed, 0u);
  auto claimed = run(store().claim_one(unfinished, "b", seconds(15)));
  ASSERT_TRUE(claimed && claimed->has_value());
  ASSERT_TRUE(run(store().save(completed(unfinished, (*claimed)->term, 1))));
  report = duty();
  EXPECT_THAT(report.kept, IsEmpty());
  EXPECT_THAT(report.dropped, SizeIs(testing::Ge(1u)));
  EXPECT_EQ(report.payloads_removed, 1u);
}

TEST_F(PartitionsTest, ALockedPartitionIsLeftForTheNextRun) {
  ended();
  const std::string name = sql("SELECT tableoid::regclass FROM workflow_executions");
  clock_.advance(days(120));
  auto session = run(database().open_session());
  ASSERT_TRUE(session);
  ASSERT_TRUE(run((*session)->execute_script("BEGIN")));
  ASSERT_TRUE(run((*session)->execute_script("LOCK TABLE " + name + " IN ROW EXCLUSIVE MODE")));
  EXPECT_THAT(duty().dropped, testing::Not(testing::Contains(name.substr(name.rfind('_') + 1))));
  ASSERT_TRUE(run((*session)->execute_script("ROLLBACK")));
  EXPECT_THAT(duty().dropped, testing::Contains(name.substr(name.rfind('_') + 1)));
}

TEST_F(PartitionsTest, ExpiredStartKeysGo) {
  NewExecution execution = new_execution();
  execution.idempotency_key = "k";
  ASSERT_TRUE(run(store().create(execution, std::nullopt, "a", std::nullopt)));
  EXPECT_EQ(duty().keys_removed, 0u);
  clock_.advance(hours(25));
  EXPECT_EQ(duty().keys_removed, 1u);
}

}  // namespace
}  // namespace auterity::engine
