// The database client while its server restarts, dies, hangs, or is cut off.
#include <gtest/gtest.h>

#include <fmt/format.h>

#include <array>
#include <memory>
#include <optional>

#include "core/task_group.h"
#include "data/database.h"
#include "harness/event_loop.h"
#include "harness/fault_proxy.h"
#include "harness/postgres_server.h"

namespace auterity::data {
namespace {

using harness::FaultProxy;
using harness::PostgresServer;
using std::chrono::milliseconds;

constexpr Statement kOne{"test.one", "SELECT 1"};
constexpr Statement kInsert{"test.insert", "INSERT INTO things (id) VALUES ($1)"};
constexpr Statement kSleep{"test.sleep", "SELECT pg_sleep($1::float8)"};
constexpr Statement kLarge{"test.large", "SELECT repeat('x', 1000000)"};

// A server of their own, on a loopback port; each test has its own database there, and its own
// proxy before it.
class DatabaseFaults : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    if (PostgresServer::available())
      server_ = std::make_unique<PostgresServer>(PostgresServer::Options{.loopback = true});
  }
  static void TearDownTestSuite() { server_.reset(); }

  void SetUp() override {
    AUTERITY_NEEDS_POSTGRES();
    name_ = server_->create_database();
    proxy_.emplace(fmt::format("127.0.0.1:{}", server_->port()));
    server_->execute("CREATE TABLE things (id int PRIMARY KEY)", name_);
    options_.url = server_->loopback_url(name_);
    const auto port = fmt::format(":{}/", server_->port());
    options_.url.replace(options_.url.find(port), port.size(), fmt::format(":{}/", proxy_->port()));
    // Ample, so that a busy machine makes no test fail; tests of a time limit set their own.
    options_.acquire_timeout = std::chrono::seconds(30);
    options_.connect_timeout = std::chrono::seconds(30);
  }
  void TearDown() override {
    tasks_.stop();
    loop_.run(tasks_.join());
    if (database_) loop_.run(database_->close());
  }

  Database& database() {
    if (!database_) database_ = open_database(loop_.executor(), clock_, log_, options_);
    return *database_;
  }
  Result<RowsPtr> query(Query query) { return loop_.run(database().query(std::move(query))); }
  Result<RowsPtr> read(Query query) { return loop_.run(database().read(std::move(query))); }

  static inline std::unique_ptr<PostgresServer> server_;
  std::string name_;
  std::optional<FaultProxy> proxy_;
  harness::EventLoop loop_;
  SystemClock clock_;
  harness::SilentLog log_;
  DatabaseOptions options_;
  std::unique_ptr<Database> database_;
  TaskGroup tasks_{loop_.executor(), "test", [](std::string_view, std::exception_ptr) {}};
};

TEST_F(DatabaseFaults, APasswordIsUsedAndAWrongOneNotRepeated) {
  EXPECT_TRUE(query({kOne, {}}));
  const auto right = options_.url;
  options_.url.replace(options_.url.find("correct%20horse"), 15, "geheim");
  options_.acquire_timeout = milliseconds(300);
  const auto other = open_database(loop_.executor(), clock_, log_, options_);
  const auto refused = loop_.run(other->query({kOne, {}}));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::unavailable);
  const auto text = refused.error().message + refused.error().hint;
  EXPECT_FALSE(text.contains("geheim")) << text;
  EXPECT_FALSE(text.contains("127.0.0.1")) << text;
  loop_.run(other->close());
}

TEST_F(DatabaseFaults, IdleConnectionsThatARestartEndedAreReplacedUnseen) {
  ASSERT_TRUE(query({kOne, {}}));
  server_->restart();
  const auto rows = query({kInsert, {"1"}});
  EXPECT_TRUE(rows) << rows.error().message;
}

struct Stream {
  int acknowledged = 0;
  int unknown = 0;
  int refused = 0;
  bool ended = false;
};

Async<void> insert_all(Database& database, int from, int count, Stream& stream) {
  for (int id = from; id < from + count; ++id) {
    const auto rows = co_await database.query({kInsert, {std::to_string(id)}});
    if (rows)
      ++stream.acknowledged;
    else if (rows.error().kind == ErrorKind::unavailable)
      ++stream.unknown;
    else
      ++stream.refused;
  }
  stream.ended = true;
}

class DatabaseFaultsByEnd : public DatabaseFaults, public testing::WithParamInterface<bool> {};

// Every acknowledged row is there; nothing is written twice; the stream goes on by itself.
TEST_P(DatabaseFaultsByEnd, AStreamOfWritesOutlivesTheServersEnd) {
  constexpr int kStreams = 4;
  constexpr int kEach = 400;
  std::array<Stream, kStreams> streams;
  for (int i = 0; i < kStreams; ++i)
    tasks_.spawn("stream", insert_all(database(), i * kEach, kEach, streams[i]));
  const auto progress = [&] {
    int sum = 0;
    for (const auto& stream : streams) sum += stream.acknowledged;
    return sum;
  };
  while (progress() < kStreams * kEach / 4) loop_.context().run_one();
  if (GetParam())
    server_->stop();
  else
    server_->kill();
  server_->start();
  loop_.run(tasks_.join());
  int acknowledged = 0;
  int unknown = 0;
  for (const auto& stream : streams) {
    EXPECT_TRUE(stream.ended);
    EXPECT_EQ(stream.refused, 0);
    acknowledged += stream.acknowledged;
    unknown += stream.unknown;
  }
  const int stored = std::stoi(server_->execute("SELECT count(*) FROM things", name_));
  EXPECT_GE(stored, acknowledged);
  EXPECT_LE(stored, acknowledged + unknown);
  EXPECT_LE(unknown, kStreams) << "at most the statement that was under way on each connection";
}

INSTANTIATE_TEST_SUITE_P(Each, DatabaseFaultsByEnd, testing::Bool(), [](const auto& stopped) {
  return std::string(stopped.param ? "Stopped" : "Killed");
});

TEST_F(DatabaseFaults, ReadsAreRepeatedOnAFreshConnection) {
  ASSERT_TRUE(read({kLarge, {}}));
  proxy_->cut_after(1000);
  std::optional<Result<RowsPtr>> outcome;
  const auto call = [](Database& database, std::optional<Result<RowsPtr>>& result) -> Async<void> {
    result = co_await database.read({kLarge, {}});
  };
  const auto before = proxy_->accepted();
  tasks_.spawn("read", call(database(), outcome));
  // The second connection is as cut off as the first, until the proxy passes.
  while (proxy_->accepted() == before) loop_.context().run_one_for(milliseconds(50));
  proxy_->pass();
  loop_.run(tasks_.join());
  ASSERT_TRUE(outcome && *outcome) << (*outcome).error().message;
  EXPECT_EQ((**outcome)->text(0, 0).size(), 1'000'000u);
}

TEST_F(DatabaseFaults, WritesAreNotRepeated) {
  ASSERT_TRUE(query({kInsert, {"1"}}));
  proxy_->cut_after(0);
  const auto rows = query({kInsert, {"2"}});
  proxy_->pass();
  ASSERT_FALSE(rows);
  EXPECT_EQ(rows.error().kind, ErrorKind::unavailable);
  EXPECT_TRUE(query({kOne, {}}));
}

TEST_F(DatabaseFaults, AServerThatNeverAnswersIsGivenUp) {
  options_.statement_timeout = milliseconds(100);  // and five seconds of grace
  ASSERT_TRUE(query({kOne, {}}));
  proxy_->black_hole();
  const auto rows = query({kInsert, {"1"}});
  proxy_->pass();
  ASSERT_FALSE(rows);
  EXPECT_EQ(rows.error().kind, ErrorKind::timeout);
  EXPECT_TRUE(query({kOne, {}}));
}

TEST_F(DatabaseFaults, ConnectingHasADeadline) {
  options_.connect_timeout = milliseconds(100);
  options_.acquire_timeout = milliseconds(300);
  proxy_->black_hole();
  const auto rows = query({kOne, {}});
  ASSERT_FALSE(rows);
  EXPECT_EQ(facts(rows.error().kind).http_status / 100, 5);
  EXPECT_FALSE(rows.error().hint.empty());
}

TEST_F(DatabaseFaults, AServerThatIsAwayForLongIsRefusedAtOnceAndFoundAgain) {
  options_.acquire_timeout = milliseconds(100);
  proxy_->refuse();
  EXPECT_EQ(query({kOne, {}}).error().kind, ErrorKind::unavailable);
  const auto refused = query({kOne, {}});
  ASSERT_FALSE(refused);
  EXPECT_TRUE(refused.error().message.contains("refused")) << refused.error().message;
  proxy_->pass();
  while (!query({kOne, {}})) loop_.run(clock_.sleep(milliseconds(10)));
}

TEST_F(DatabaseFaults, ACancelledStatementStopsOnTheServer) {
  const auto call = [](Database& database) -> Async<void> {
    co_await database.query({kSleep, {"600"}});
  };
  TaskGroup caller(loop_.executor(), "caller", [](std::string_view, std::exception_ptr) {});
  caller.spawn("sleep", call(database()));
  const auto running = [&] {
    return server_->execute(
               "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '/* test.sleep */%'") != "0";
  };
  while (!running()) loop_.context().run_one_for(milliseconds(10));
  caller.stop();
  loop_.run(caller.join());
  // The server notices by itself (client_connection_check_interval); this loop ends with the test's
  // time limit otherwise.
  while (running()) loop_.context().run_one_for(milliseconds(50));
  EXPECT_TRUE(query({kOne, {}}));
}

TEST_F(DatabaseFaults, ADelayedNetworkIsOnlySlow) {
  proxy_->delay(milliseconds(5));
  EXPECT_TRUE(query({kInsert, {"1"}}));
  EXPECT_EQ(server_->execute("SELECT count(*) FROM things", name_), "1");
}

TEST_F(DatabaseFaults, BytesLostInTheMiddleEndTheConnectionAndNothingElse) {
  options_.statement_timeout = milliseconds(100);
  ASSERT_TRUE(query({kLarge, {}}));
  proxy_->drop_bytes(3);
  EXPECT_FALSE(query({kLarge, {}}));
  proxy_->pass();
  EXPECT_TRUE(query({kLarge, {}}));
}

TEST_F(DatabaseFaults, ASessionWhoseServerDiedSaysSo) {
  auto session = loop_.run(database().open_session()).value();
  ASSERT_TRUE(loop_.run(session->query({kOne, {}})));
  proxy_->cut_all();
  EXPECT_EQ(loop_.run(session->query({kOne, {}})).error().kind, ErrorKind::unavailable);
  EXPECT_EQ(loop_.run(session->execute_script("SELECT 1")).error().kind, ErrorKind::unavailable);
}

}  // namespace
}  // namespace auterity::data
