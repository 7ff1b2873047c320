// The database client against a real PostgreSQL.
#include <gtest/gtest.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>

#include "core/task_group.h"
#include "data/database.h"
#include "harness/event_loop.h"
#include "harness/postgres_server.h"

namespace auterity::data {
namespace {

using harness::PostgresServer;

constexpr Statement kOne{"test.one", "SELECT 1"};
constexpr Statement kEcho{"test.echo", "SELECT $1::text, $2::text"};
constexpr Statement kInsert{"test.insert", "INSERT INTO things (id) VALUES ($1)"};
constexpr Statement kInsertMany{"test.insert_many",
                                "INSERT INTO things (id) SELECT unnest($1::int[])"};
constexpr Statement kCount{"test.count", "SELECT count(*) FROM things"};
constexpr Statement kSleep{"test.sleep", "SELECT pg_sleep($1::float8)"};

class DatabaseTest : public testing::Test {
 protected:
  void SetUp() override {
    AUTERITY_NEEDS_POSTGRES();
    server_ = PostgresServer::shared();
    name_ = server_->create_database();
    server_->execute("CREATE TABLE things (id int PRIMARY KEY CHECK (id < 1000))", name_);
    options_.url = server_->url(name_);
  }

  void TearDown() override {
    if (database_) loop_.run(database_->close());
  }

  Database& database() {
    if (!database_) database_ = open_database(loop_.executor(), clock_, log_, options_);
    return *database_;
  }

  ErrorKind kind_of(Query query) {
    const auto rows = loop_.run(database().query(std::move(query)));
    EXPECT_FALSE(rows.has_value());
    return rows ? ErrorKind::failed : rows.error().kind;
  }

  std::string count() {
    const auto rows = loop_.run(database().read({kCount, {}}));
    return rows ? std::string((*rows)->text(0, 0)) : rows.error().message;
  }

  PostgresServer* server_ = nullptr;
  std::string name_;
  harness::EventLoop loop_;
  SystemClock clock_;
  harness::SilentLog log_;
  DatabaseOptions options_;
  std::unique_ptr<Database> database_;
};

TEST_F(DatabaseTest, ParametersAndResultsAreTextOrNull) {
  const auto rows = loop_.run(database().query({kEcho, {"héllo \"x\"", std::nullopt}}));
  ASSERT_TRUE(rows) << rows.error().message;
  EXPECT_EQ((*rows)->size(), 1u);
  EXPECT_EQ((*rows)->columns(), 2u);
  EXPECT_EQ((*rows)->text(0, 0), "héllo \"x\"");
  EXPECT_FALSE((*rows)->is_null(0, 0));
  EXPECT_TRUE((*rows)->is_null(0, 1));
}

TEST_F(DatabaseTest, AffectedRowsAreCounted) {
  const auto rows = loop_.run(database().query({kInsertMany, {to_array_literal({"1", "2", "3"})}}));
  ASSERT_TRUE(rows) << rows.error().message;
  EXPECT_EQ((*rows)->affected(), 3u);
  EXPECT_EQ(count(), "3");
}

TEST_F(DatabaseTest, ErrorsAreKindsBySqlState) {
  ASSERT_TRUE(loop_.run(database().query({kInsert, {"1"}})));
  EXPECT_EQ(kind_of({kInsert, {"1"}}), ErrorKind::conflict);
  EXPECT_EQ(kind_of({kInsert, {"1000"}}), ErrorKind::invalid_input);
  EXPECT_EQ(kind_of({kInsert, {"one"}}), ErrorKind::invalid_input);
  EXPECT_EQ(kind_of({{"test.typo", "SELEC 1"}, {}}), ErrorKind::internal);
  EXPECT_EQ(count(), "1") << "a failed statement leaves the connection usable";
}

TEST_F(DatabaseTest, AZeroByteInAParameterIsRefused) {
  EXPECT_EQ(kind_of({kEcho, {std::string("a\0b", 3), "x"}}), ErrorKind::invalid_input);
}

TEST_F(DatabaseTest, InvalidUtf8IsRefused) {
  EXPECT_EQ(kind_of({kEcho, {"\xff", "x"}}), ErrorKind::invalid_input);
}

TEST_F(DatabaseTest, TransactCommitsAllOrNothing) {
  const auto done = loop_.run(database().transact({{kInsert, {"1"}}, {kInsert, {"2"}}}));
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_EQ(done->size(), 2u);
  const auto refused = loop_.run(database().transact({{kInsert, {"3"}}, {kInsert, {"2"}}}));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::conflict);
  EXPECT_EQ(count(), "2");
  EXPECT_EQ(database().pool().open, 1u) << "a failed transaction does not cost the connection";
}

Async<Status> insert_then(Session& session, Status outcome) {
  AUTERITY_CO_CHECK(co_await session.query({kInsert, {"7"}}));
  co_return outcome;
}

TEST_F(DatabaseTest, WithTransactionCommitsWhenItsWorkSucceeds) {
  ASSERT_TRUE(loop_.run(database().with_transaction(
      [](Session& session) { return insert_then(session, Status{}); })));
  EXPECT_EQ(count(), "1");
}

TEST_F(DatabaseTest, WithTransactionRollsBackWhenItsWorkFails) {
  const auto outcome = loop_.run(database().with_transaction([](Session& session) {
    return insert_then(session, fail(ErrorKind::not_found, "no such thing", "look elsewhere"));
  }));
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().kind, ErrorKind::not_found);
  EXPECT_EQ(count(), "0");
}

Async<Status> pass_over_a_failure(Session& session) {
  co_await session.query({kInsert, {"7"}});
  co_await session.query({kInsert, {"7"}});
  co_return Status{};
}

TEST_F(DatabaseTest, ACommitThatTheServerTurnsIntoARollbackIsAnError) {
  const auto outcome = loop_.run(database().with_transaction(pass_over_a_failure));
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().kind, ErrorKind::internal);
  EXPECT_EQ(count(), "0");
}

TEST_F(DatabaseTest, StatementsAreNamedInTheServersActivity) {
  constexpr Statement activity{
      "test.activity",
      "SELECT query, application_name FROM pg_stat_activity WHERE pid = pg_backend_pid()"};
  const auto rows = loop_.run(database().read({activity, {}}));
  ASSERT_TRUE(rows) << rows.error().message;
  EXPECT_TRUE((*rows)->text(0, 0).starts_with("/* test.activity */ "));
  EXPECT_EQ((*rows)->text(0, 1), "auterity");
}

TEST_F(DatabaseTest, AStatementOverItsTimeIsATimeout) {
  options_.statement_timeout = std::chrono::milliseconds(20);
  EXPECT_EQ(kind_of({kSleep, {"10"}}), ErrorKind::timeout);
  EXPECT_EQ(count(), "0");
}

TEST_F(DatabaseTest, AnExhaustedPoolAnswersUnavailable) {
  options_.max_connections = 1;
  options_.acquire_timeout = std::chrono::milliseconds(20);
  const auto outcome = loop_.run(database().with_transaction([this](Session&) -> Async<Status> {
    const auto second = co_await database().query({kOne, {}});
    if (second) co_return fail(ErrorKind::failed, "a second connection was made");
    co_return std::unexpected(second.error());
  }));
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().kind, ErrorKind::unavailable);
  EXPECT_EQ(database().pool().waiting, 0u);
  EXPECT_EQ(count(), "0");
}

TEST_F(DatabaseTest, CallersBeyondTheLimitQueueAndAreAllServed) {
  options_.max_connections = 2;
  int served = 0;
  TaskGroup callers(loop_.executor(), "callers", [](std::string_view, std::exception_ptr) {});
  const auto call = [](Database& database, int id, int& count) -> Async<void> {
    if (co_await database.query({kInsert, {std::to_string(id)}})) ++count;
  };
  for (int id = 0; id < 50; ++id) callers.spawn("call", call(database(), id, served));
  loop_.run(callers.join());
  EXPECT_EQ(served, 50);
  EXPECT_LE(database().pool().open, 2u);
}

TEST_F(DatabaseTest, APipelineLargerThanEverySocketBufferPasses) {
  std::vector<Query> queries;
  const std::string large(1 << 20, 'x');
  for (int i = 0; i < 24; ++i) queries.push_back({kEcho, {large, large}});
  const auto rows = loop_.run(database().transact(std::move(queries)));
  ASSERT_TRUE(rows) << rows.error().message;
  EXPECT_EQ(rows->size(), 24u);
  EXPECT_EQ(rows->back()->text(0, 1).size(), large.size());
}

TEST_F(DatabaseTest, ACancelledQueryFreesItsConnection) {
  options_.max_connections = 1;
  TaskGroup callers(loop_.executor(), "callers", [](std::string_view, std::exception_ptr) {});
  const auto call = [](Database& database) -> Async<void> {
    co_await database.query({kSleep, {"600"}});
  };
  ASSERT_EQ(count(), "0");
  callers.spawn("call", call(database()));
  callers.stop();
  loop_.run(callers.join());
  EXPECT_EQ(database().pool().busy, 0u);
  EXPECT_EQ(count(), "0");
}

TEST_F(DatabaseTest, AnEmptiedResultTypeIsPreparedAgain) {
  constexpr Statement all{"test.all", "SELECT * FROM things"};
  ASSERT_TRUE(loop_.run(database().query({all, {}})));
  server_->execute("ALTER TABLE things ADD COLUMN name text", name_);
  const auto rows = loop_.run(database().query({all, {}}));
  ASSERT_TRUE(rows) << rows.error().message;
  EXPECT_EQ((*rows)->columns(), 2u);
}

TEST_F(DatabaseTest, AScriptRunsSeveralStatements) {
  auto session = loop_.run(database().open_session());
  ASSERT_TRUE(session);
  ASSERT_TRUE(loop_.run((*session)->execute_script(
      "CREATE TABLE a (x int); CREATE TABLE b (x int); INSERT INTO things VALUES (1)")));
  const auto broken = loop_.run((*session)->execute_script("INSERT INTO things VALUES (1)"));
  ASSERT_FALSE(broken);
  EXPECT_EQ(broken.error().kind, ErrorKind::conflict);
  EXPECT_TRUE(loop_.run((*session)->query({kOne, {}})));
  EXPECT_EQ(count(), "1");
}

TEST_F(DatabaseTest, AWrongUrlIsNotRepeated) {
  options_.url = "postgresql://user:geheim@[half:5432/x";
  const auto rows = loop_.run(database().query({kOne, {}}));
  ASSERT_FALSE(rows);
  EXPECT_EQ(rows.error().kind, ErrorKind::invalid_input);
  EXPECT_EQ((rows.error().message + rows.error().hint).find("geheim"), std::string::npos);
}

TEST_F(DatabaseTest, AClosedDatabaseRefusesWork) {
  loop_.run(database().close());
  EXPECT_EQ(kind_of({kOne, {}}), ErrorKind::unavailable);
}

}  // namespace
}  // namespace auterity::data
