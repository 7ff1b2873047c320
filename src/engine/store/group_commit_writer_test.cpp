// Group commit under bad rows, races and a server that goes away.
#include "engine/store/group_commit_writer.h"

#include <gmock/gmock.h>

#include <fmt/format.h>

#include <map>
#include <set>

#include "core/task_group.h"
#include "harness/fault_proxy.h"
#include "harness/store_fixture.h"

namespace auterity::engine {
namespace {

using std::chrono::seconds;
using testing::SizeIs;

class GroupCommitWriterTest : public StoreFixture {
 public:
  using StoreFixture::checkpoint;

 protected:
  TaskGroup& tasks() {
    if (!tasks_)
      tasks_ = std::make_unique<TaskGroup>(loop_.executor(), "test",
                                           [](std::string_view, std::exception_ptr error) {
                                             ADD_FAILURE() << "a task threw";
                                             (void)error;
                                           });
    return *tasks_;
  }
  void join() { loop_.run(tasks().join()); }

  Async<void> create_into(NewExecution execution, std::optional<Checkpoint> first,
                          Result<Created>& answer) {
    answer = co_await store().create(std::move(execution), std::move(first), "a", std::nullopt);
  }
  Async<void> save_into(Checkpoint checkpoint, Status& answer) {
    answer = co_await store().save(std::move(checkpoint));
  }
  double commits() {
    const std::string text = metrics_->expose();
    const auto at = text.find("store_commit_writes_count");
    return std::stod(text.substr(text.find(' ', at)));
  }

  double retries() {
    const std::string text = metrics_->expose();
    return std::stod(text.substr(text.find(' ', text.find("\nstore_commit_retries_total"))));
  }

  std::unique_ptr<TaskGroup> tasks_;
};

TEST_F(GroupCommitWriterTest, WhatWaitsTogetherIsCommittedTogether) {
  leased();  // partitions are there, connections are open
  const double before = commits();
  std::vector<Result<Created>> answers(200, std::unexpected(Error{}));
  for (auto& answer : answers) {
    NewExecution execution = new_execution();
    const Uuid id = execution.id;
    tasks().spawn("create", create_into(std::move(execution), completed(id, 1, 1), answer));
  }
  join();
  for (const auto& answer : answers) EXPECT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(sql("SELECT count(*) FROM workflow_executions WHERE status = 'completed'"), "200");
  EXPECT_LE(commits() - before, 4);
}

TEST_F(GroupCommitWriterTest, ABadRowFailsAlone) {
  leased();
  const std::set<std::size_t> bad{0, 17, 18, 63};
  std::vector<Result<Created>> answers(64, std::unexpected(Error{}));
  for (std::size_t i = 0; i < answers.size(); ++i) {
    NewExecution execution = new_execution();
    const Uuid id = execution.id;
    if (bad.contains(i)) execution.started_by = i == 17 ? std::string("a\0b", 3) : "\xff\xfe";
    tasks().spawn("create", create_into(std::move(execution), completed(id, 1, 1), answers[i]));
  }
  join();
  for (std::size_t i = 0; i < answers.size(); ++i) {
    if (bad.contains(i)) {
      ASSERT_FALSE(answers[i]) << i;
      EXPECT_EQ(answers[i].error().kind, ErrorKind::invalid_input) << answers[i].error().message;
    } else {
      EXPECT_TRUE(answers[i]) << i << ": " << answers[i].error().message;
    }
  }
  EXPECT_EQ(sql("SELECT count(*) FROM workflow_executions WHERE status = 'completed'"), "60");
}

TEST_F(GroupCommitWriterTest, AFencedSaveFailsAlone) {
  std::vector<Uuid> ids;
  for (int i = 0; i < 10; ++i) ids.push_back(leased());
  clock_.advance(seconds(20));
  ASSERT_TRUE(run(store().claim_one(ids[3], "b", seconds(15))));
  std::vector<Status> answers(ids.size());
  for (std::size_t i = 0; i < ids.size(); ++i)
    tasks().spawn("save", save_into(checkpoint(ids[i], 1, 1), answers[i]));
  join();
  for (std::size_t i = 0; i < ids.size(); ++i) EXPECT_EQ(answers[i].has_value(), i != 3) << i;
  EXPECT_EQ(answers[3].error().kind, ErrorKind::conflict);
  EXPECT_THAT(*run(store().history(ids[3], 0, 10)), SizeIs(0));
}

TEST_F(GroupCommitWriterTest, SavesOfOneExecutionKeepTheirOrder) {
  const Uuid id = leased();
  std::vector<Status> answers(20);
  for (std::size_t i = 0; i < answers.size(); ++i)
    tasks().spawn("save", save_into(checkpoint(id, 1, static_cast<int>(i) + 1), answers[i]));
  join();
  for (const Status& answer : answers) EXPECT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(run(store().inspect(id))->seq, 20);
}

TEST_F(GroupCommitWriterTest, OneKeyAskedForAtOnceStartsOnce) {
  std::vector<Result<Created>> answers(30, std::unexpected(Error{}));
  for (auto& answer : answers) {
    NewExecution execution = new_execution();
    execution.idempotency_key = "same";
    tasks().spawn("create", create_into(std::move(execution), std::nullopt, answer));
  }
  join();
  std::set<Uuid> ids;
  int fresh = 0;
  for (const auto& answer : answers) {
    ASSERT_TRUE(answer) << answer.error().message;
    ids.insert(answer->id);
    fresh += !answer->existing;
  }
  EXPECT_EQ(ids.size(), 1u);
  EXPECT_EQ(fresh, 1);
  EXPECT_EQ(sql("SELECT count(*) FROM workflow_executions"), "1");
}

// Claims of several stores, and saves of those that lost, against each other.
TEST_F(GroupCommitWriterTest, ConcurrentClaimersNeverShare) {
  for (int i = 0; i < 300; ++i) {
    NewExecution execution = new_execution();
    ASSERT_TRUE(run(store().create(execution, std::nullopt, "a", std::nullopt)));
  }
  std::vector<std::vector<ClaimedExecution>> taken(6);
  auto claim_all = [](PostgresExecutionStore& from, std::string owner,
                      std::vector<ClaimedExecution>& into) -> Async<void> {
    while (true) {
      auto claimed = co_await from.claim(owner, 7, seconds(60));
      if (!claimed) ADD_FAILURE() << claimed.error().message;
      if (!claimed || claimed->empty()) co_return;
      for (auto& each : *claimed) into.push_back(std::move(each));
    }
  };
  for (std::size_t i = 0; i < taken.size(); ++i)
    tasks().spawn("claim", claim_all(store(), "worker-" + std::to_string(i), taken[i]));
  join();
  std::set<Uuid> ids;
  std::size_t count = 0;
  for (const auto& of_one : taken)
    for (const auto& each : of_one) {
      ids.insert(each.id);
      ++count;
    }
  EXPECT_EQ(count, 300u);
  EXPECT_EQ(ids.size(), 300u);
}

TEST_F(GroupCommitWriterTest, SavesAndClaimsRaceWithoutTwoWriters) {
  // The lease has always run out, so every claim races with the save of the term before.
  const Uuid id = leased("a", seconds(0));
  struct Tally {
    int claims = 0, saved = 0, refused = 0;
  } tally;
  auto worker = [](PostgresExecutionStore& from, GroupCommitWriterTest& test, Uuid what,
                   Tally& count) -> Async<void> {
    for (int round = 0; round < 40; ++round) {
      auto claimed = co_await from.claim_one(what, "w", seconds(0));
      if (!claimed || !*claimed) continue;
      ++count.claims;
      Checkpoint next = test.checkpoint(what, (*claimed)->term, (*claimed)->seq + 1);
      next.state = R"({"seq":)" + std::to_string(next.seq) + "}";
      const std::string expected =
          (*claimed)->seq == 0 ? "" : R"({"seq":)" + std::to_string((*claimed)->seq) + "}";
      EXPECT_EQ((*claimed)->state, expected);  // never older than the seq that came with it
      auto saved = co_await from.save(next);
      ++(saved ? count.saved : count.refused);
      if (!saved) EXPECT_EQ(saved.error().kind, ErrorKind::conflict) << saved.error().message;
    }
  };
  for (int i = 0; i < 4; ++i) tasks().spawn("worker", worker(store(), *this, id, tally));
  join();
  EXPECT_GT(tally.saved, 0);
  auto last = run(store().inspect(id));
  EXPECT_EQ(last->seq, tally.saved);
  EXPECT_EQ(last->term, tally.claims + 1);
  EXPECT_EQ(sql("SELECT count(*) FROM execution_history"), std::to_string(tally.saved));
}

// ---- a server that goes away
// ----------------------------------------------------------------------------------------

class LostServerTest : public GroupCommitWriterTest {
 protected:
  void SetUp() override {
    AUTERITY_NEEDS_POSTGRES();
    use_own_server();
  }

  // Creates, then saves ten checkpoints, remembering how far each was acknowledged.
  static Async<void> stream(LostServerTest& test, std::map<Uuid, std::int64_t>& acknowledged) {
    NewExecution execution = test.new_execution();
    const Uuid id = execution.id;
    auto created =
        co_await test.store().create(execution, test.checkpoint(id, 1, 1), "a", seconds(600));
    EXPECT_TRUE(created) << created.error().message;
    if (!created) co_return;
    acknowledged[id] = 1;
    for (std::int64_t seq = 2; seq <= 10; ++seq) {
      auto saved = co_await test.store().save(seq == 10 ? test.completed(id, 1, seq)
                                                        : test.checkpoint(id, 1, seq));
      EXPECT_TRUE(saved) << saved.error().message;
      if (!saved) co_return;
      acknowledged[id] = seq;
      ++test.saves_;
    }
  }
  // In the middle of the streams, while batches are under way.
  static Async<void> lose_server(LostServerTest& test) {
    while (test.saves_ < 150) co_await test.clock_.sleep(std::chrono::microseconds(300));
    test.kill_ ? test.server_->kill() : test.server_->stop();
    test.server_->start();
  }

  bool kill_ = false;
  int saves_ = 0;
};

TEST_F(LostServerTest, NoAcknowledgedWriteIsLostAndNoneIsDoneTwice) {
  for (bool kill : {false, true}) {
    kill_ = kill;
    saves_ = 0;
    std::map<Uuid, std::int64_t> acknowledged;
    for (int i = 0; i < 60; ++i) tasks().spawn("stream", stream(*this, acknowledged));
    tasks().spawn("lose", lose_server(*this));
    join();
    ASSERT_THAT(acknowledged, SizeIs(60));
    for (const auto& [id, seq] : acknowledged) {
      EXPECT_EQ(seq, 10);
      auto view = run(store().find(id));
      ASSERT_TRUE(view) << view.error().message;
      EXPECT_EQ(view->status, ExecutionStatus::completed);
      EXPECT_THAT(*run(store().history(id, 0, 100)), SizeIs(10));
    }
  }
}

TEST_F(LostServerTest, AFirstCreateWaitsForTheServerThatItsPartitionNeeds) {
  database_ = data::open_database(
      loop_.executor(), clock_, log_,
      {.url = server_->url(name_), .acquire_timeout = std::chrono::milliseconds(100)});
  server_->stop();
  NewExecution execution = new_execution();
  Result<Created> answer = std::unexpected(Error{});
  tasks().spawn("create", create_into(execution, completed(execution.id, 1, 1), answer));
  ASSERT_FALSE(run(store().find(execution.id))) << "it has been noticed that the server is away";
  server_->start();
  join();
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(run(store().find(execution.id))->status, ExecutionStatus::completed);
}

TEST_F(LostServerTest, AServerThatStaysAwayIsSaidSo) {
  options_.writer.retry_for = std::chrono::milliseconds(200);
  database_ = data::open_database(
      loop_.executor(), clock_, log_,
      {.url = server_->url(name_), .acquire_timeout = std::chrono::milliseconds(300)});
  const Uuid id = leased();
  server_->stop();
  auto saved = run(store().save(checkpoint(id, 1, 1)));
  ASSERT_FALSE(saved);
  EXPECT_EQ(saved.error().kind, ErrorKind::unavailable);
  server_->start();
  while (!run(store().find(id))) {
  }
  EXPECT_TRUE(run(store().save(checkpoint(id, 1, 1))));
}

// The commit is done, its answer never comes.
class LostAnswersTest : public GroupCommitWriterTest {
 protected:
  void SetUp() override {
    AUTERITY_NEEDS_POSTGRES();
    use_own_server({.loopback = true});
    proxy_.emplace(fmt::format("127.0.0.1:{}", server_->port()));
    std::string url = server_->loopback_url(name_);
    const std::string port = fmt::format(":{}/", server_->port());
    url.replace(url.find(port), port.size(), fmt::format(":{}/", proxy_->port()));
    database_ =
        data::open_database(loop_.executor(), clock_, log_, {.url = url, .max_connections = 4});
  }
  // Lets the network be well again once the writer has noticed that it was not.
  Async<void> pass_after_retry() {
    const double before = retries();
    while (retries() == before) co_await clock_.sleep(std::chrono::milliseconds(1));
    proxy_->pass();
  }

  std::optional<harness::FaultProxy> proxy_;
};

TEST_F(LostAnswersTest, AreFoundOutAndNeverGuessed) {
  const Uuid id = leased();
  for (std::int64_t seq = 1; seq <= 8; ++seq) {
    proxy_->cut_after(0);
    ASSERT_TRUE(tasks().spawn("pass", pass_after_retry()));
    auto saved = run(store().save(checkpoint(id, 1, seq)));
    join();
    ASSERT_TRUE(saved) << saved.error().message;
    EXPECT_EQ(run(store().inspect(id))->seq, seq);
  }
  EXPECT_THAT(*run(store().history(id, 0, 100)), SizeIs(8));
  for (int i = 0; i < 4; ++i) {
    NewExecution execution = new_execution();
    execution.idempotency_key = "key " + std::to_string(i);
    proxy_->cut_after(0);
    tasks().spawn("pass", pass_after_retry());
    auto created = run(store().create(execution, completed(execution.id, 1, 1), "a", std::nullopt));
    join();
    ASSERT_TRUE(created) << created.error().message;
    EXPECT_EQ(created->id, execution.id);
    EXPECT_FALSE(created->existing);
    EXPECT_THAT(*run(store().history(execution.id, 0, 100)), SizeIs(1));
  }
  EXPECT_GE(retries(), 12);
}

}  // namespace
}  // namespace auterity::engine
