// Reads that share round trips, against a real PostgreSQL.
#include <gtest/gtest.h>

#include <fmt/format.h>

#include <set>

#include "core/task_group.h"
#include "data/database.h"
#include "harness/event_loop.h"
#include "harness/fault_proxy.h"
#include "harness/postgres_server.h"

namespace auterity::data {
namespace {

using harness::PostgresServer;

constexpr Statement kEcho{"test.echo", "SELECT $1::text"};
constexpr Statement kDivide{"test.divide", "SELECT 100 / $1::int"};
constexpr Statement kTransaction{"test.transaction", "SELECT txid_current()"};
constexpr Statement kSleep{"test.sleep", "SELECT pg_sleep($1::float8)"};
constexpr int kCallers = 200;

class ReadBatcherTest : public testing::Test {
 protected:
  void SetUp() override {
    AUTERITY_NEEDS_POSTGRES();
    open(PostgresServer::shared()->url());
  }
  void TearDown() override {
    tasks_.stop();
    loop_.run(tasks_.join());
    if (database_) loop_.run(database_->close());
  }
  void open(const std::string& url) {
    if (database_) loop_.run(database_->close());
    database_ = open_database(
        loop_.executor(), clock_, log_,
        {.url = url, .max_connections = 2, .acquire_timeout = std::chrono::seconds(30)});
  }
  // As many concurrent reads as there are queries.
  std::vector<Result<RowsPtr>> read_all(std::vector<Query> queries) {
    std::vector<Result<RowsPtr>> outcomes(queries.size());
    const auto read = [](Database& database, Query query, Result<RowsPtr>& into) -> Async<void> {
      into = co_await database.read(std::move(query));
    };
    for (std::size_t i = 0; i < queries.size(); ++i)
      tasks_.spawn("read", read(*database_, std::move(queries[i]), outcomes[i]));
    loop_.run(tasks_.join());
    return outcomes;
  }

  harness::EventLoop loop_;
  SystemClock clock_;
  harness::SilentLog log_;
  std::unique_ptr<Database> database_;
  TaskGroup tasks_{loop_.executor(), "test", [](std::string_view, std::exception_ptr) {}};
};

TEST_F(ReadBatcherTest, EveryCallerGetsItsOwnRows) {
  std::vector<Query> queries;
  for (int i = 0; i < kCallers; ++i) queries.push_back({kEcho, {std::to_string(i)}});
  const auto outcomes = read_all(std::move(queries));
  for (int i = 0; i < kCallers; ++i) {
    ASSERT_TRUE(outcomes[i]) << outcomes[i].error().message;
    EXPECT_EQ((*outcomes[i])->text(0, 0), std::to_string(i));
  }
}

TEST_F(ReadBatcherTest, WaitingReadsShareTransactions) {
  const auto outcomes = read_all(std::vector<Query>(kCallers, {kTransaction, {}}));
  std::set<std::string> transactions;
  for (const auto& outcome : outcomes)
    transactions.insert(std::string(outcome.value()->text(0, 0)));
  EXPECT_LE(transactions.size(), static_cast<std::size_t>(kCallers) / 8);
}

TEST_F(ReadBatcherTest, AFailureIsItsCallersAlone) {
  std::vector<Query> queries;
  for (int i = 0; i < kCallers; ++i) {
    if (i % 7 == 3)
      queries.push_back({kEcho, {std::string("zero\0byte", 9)}});
    else
      queries.push_back({kDivide, {std::to_string(i % 5)}});
  }
  const auto outcomes = read_all(std::move(queries));
  for (int i = 0; i < kCallers; ++i) {
    if (i % 7 == 3 || i % 5 == 0) {
      ASSERT_FALSE(outcomes[i]);
      EXPECT_EQ(outcomes[i].error().kind, ErrorKind::invalid_input);
    } else {
      ASSERT_TRUE(outcomes[i]) << outcomes[i].error().message;
      EXPECT_EQ((*outcomes[i])->text(0, 0), std::to_string(100 / (i % 5)));
    }
  }
}

TEST_F(ReadBatcherTest, AStalePlanIsPreparedAgainForAll) {
  auto& server = *PostgresServer::shared();
  const auto name = server.create_database();
  server.execute("CREATE TABLE things (id int)", name);
  open(server.url(name));
  constexpr Statement all{"test.all", "SELECT * FROM things"};
  read_all(std::vector<Query>(kCallers, {all, {}}));
  server.execute("ALTER TABLE things ADD COLUMN name text", name);
  for (const auto& outcome : read_all(std::vector<Query>(kCallers, {all, {}}))) {
    ASSERT_TRUE(outcome) << outcome.error().message;
    EXPECT_EQ((*outcome)->columns(), 2u);
  }
}

Async<void> read_sleeping(Database& database, const char* seconds) {
  co_await database.read({kSleep, {seconds}});
}

TEST_F(ReadBatcherTest, ABatchThatNobodyWantsAnyMoreIsGivenUp) {
  TaskGroup leaving(loop_.executor(), "leaving", [](std::string_view, std::exception_ptr) {});
  for (int i = 0; i < 2; ++i)
    leaving.spawn("connection", read_sleeping(*database_, "0.05"));  // alone, one a connection
  for (int i = 0; i < 100; ++i) leaving.spawn("passenger", read_sleeping(*database_, "600"));
  const auto batches_under_way = [&] {
    return PostgresServer::shared()->execute(
        "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '/* test.sleep */%' "
        "AND now() - query_start > interval '100 ms' AND state = 'active'");
  };
  while (batches_under_way() != "2") loop_.context().run_one_for(std::chrono::milliseconds(10));
  leaving.stop();
  loop_.run(leaving.join());
  EXPECT_TRUE(loop_.run(database_->read({kEcho, {"x"}})));
}

TEST_F(ReadBatcherTest, ReadsOutliveACutConnection) {
  PostgresServer server({.loopback = true});
  harness::FaultProxy proxy(fmt::format("127.0.0.1:{}", server.port()));
  auto url = server.loopback_url();
  const auto port = std::to_string(server.port());
  url.replace(url.find(port), port.size(), std::to_string(proxy.port()));
  open(url);
  std::vector<Query> queries;
  for (int i = 0; i < kCallers; ++i) queries.push_back({kEcho, {std::to_string(i)}});
  read_all(queries);
  proxy.cut_all();
  for (const auto& outcome : read_all(queries)) EXPECT_TRUE(outcome) << outcome.error().message;
}

}  // namespace
}  // namespace auterity::data
