// The migrator on a real server: what it does to others while it waits, and what it makes of what a
// dead one left.
#include "data/migrations/migrator.h"

#include <gtest/gtest.h>

#include <chrono>

#include "core/task_group.h"
#include "harness/event_loop.h"
#include "harness/postgres_server.h"

namespace auterity::data {
namespace {

using harness::PostgresServer;
using std::chrono::milliseconds;

class MigratorRun : public testing::Test {
 protected:
  void SetUp() override {
    AUTERITY_NEEDS_POSTGRES();
    auto& server = *PostgresServer::shared();
    name_ = server.create_migrated_database();
    url_ = server.url(name_);
    database_ = open();
    ask("CREATE TABLE things (id bigint PRIMARY KEY, size int)");
    ask("INSERT INTO things SELECT n, NULL FROM generate_series(1, 1000) n");
  }
  void TearDown() override {
    if (database_) loop_.run(database_->close());
  }

  std::unique_ptr<Database> open() {
    return open_database(loop_.executor(), clock_, log_, {.url = url_, .max_connections = 4});
  }
  std::string ask(const std::string& sql) { return PostgresServer::shared()->execute(sql, name_); }
  static Migration migration(std::string up, std::string down = {}) {
    return {90, "test", std::move(up), std::move(down), {}, "checksum"};
  }
  Async<Status> apply_async(Migration migration, MigratorOptions options = {}) {
    AUTERITY_CO_TRY(migrator, co_await Migrator::open(*database_, clock_, std::move(options)));
    co_return co_await migrator->apply(std::move(migration));
  }
  Status apply(Migration migration, MigratorOptions options = {}) {
    return loop_.run(apply_async(std::move(migration), std::move(options)));
  }
  bool recorded() {
    return ask("SELECT count(*) FROM schema_migrations WHERE revision = 90") == "1";
  }

  std::string name_, url_;
  harness::EventLoop loop_;
  SystemClock clock_;
  harness::SilentLog log_;
  std::unique_ptr<Database> database_;
};

TEST_F(MigratorRun, RecordsWhoAndTheSchemaItLeft) {
  ASSERT_TRUE(apply(migration("ALTER TABLE things ADD COLUMN colour text"), {.who = "ada@sea"}));
  EXPECT_EQ(ask("SELECT applied_by FROM schema_snapshots WHERE revision = 90"), "ada@sea");
  EXPECT_EQ(ask("SELECT description LIKE '%column public.things.colour => text%' "
                "FROM schema_snapshots WHERE revision = 90"),
            "t");
}

TEST_F(MigratorRun, DriftNamesTheObject) {
  ASSERT_TRUE(apply(migration("ALTER TABLE things ADD COLUMN colour text")));
  ask("ALTER TABLE things ALTER colour SET DEFAULT 'red'");
  ask("DROP INDEX files_removed");
  ask("CREATE FUNCTION helpful() RETURNS int LANGUAGE sql AS 'SELECT 1'");
  const auto differences = loop_.run([this]() -> Async<std::vector<SchemaDifference>> {
    const auto session = (co_await database_->open_session()).value();
    const auto kept = (co_await read_snapshot(*session)).value();
    const auto live = (co_await describe_schema(*session)).value();
    co_return compare_schemas(kept->text, live.text);
  }());
  ASSERT_EQ(differences.size(), 3u);
  EXPECT_EQ(to_text(differences[0]),
            "column public.things.colour was changed from: text, to: text default 'red'::text");
  EXPECT_TRUE(to_text(differences[1]).starts_with("function public.helpful() was added by hand: "));
  EXPECT_TRUE(
      to_text(differences[2]).starts_with("index public.files_removed is missing; it was: "));
}

// A reader holds the table; the migration wants ACCESS EXCLUSIVE; another session's statements must
// go through in between. The reader stays until three attempts were given up, so without a budget
// the writer would wait for ever; it gives up after many budgets.
TEST_F(MigratorRun, WaitingForALockBlocksOthersNoLongerThanTheBudget) {
  int through = 0;
  bool reader_gone = false;
  Status outcome = fail(ErrorKind::internal, "not run");
  TaskGroup group(loop_.executor(), "lock wait",
                  [](std::string_view, std::exception_ptr) { FAIL(); });
  MigratorOptions options;
  options.limits.lock_budget = milliseconds(150);
  int attempts = 0;
  options.on_note = [&](std::string_view) { ++attempts; };
  auto session = std::move(loop_.run(database_->open_session()).value());
  ASSERT_TRUE(loop_.run(session->execute_script("BEGIN; SELECT count(*) FROM things")));
  const auto migrate = [&]() -> Async<void> {
    outcome = co_await apply_async(migration("ALTER TABLE things ADD COLUMN colour text"), options);
  };
  const auto write = [&]() -> Async<void> {
    const auto writer = (co_await database_->open_session()).value();
    const Status limited = co_await writer->execute_script("SET lock_timeout = '10s'");
    EXPECT_TRUE(limited);
    while (attempts < 3) {
      const Status written =
          co_await writer->execute_script("UPDATE things SET size = 1 WHERE id = 7");
      EXPECT_TRUE(written) << written.error().message;
      if (!written) break;
      ++through;
      co_await clock_.sleep(milliseconds(1));
    }
    const Status ended = co_await session->execute_script("COMMIT");
    EXPECT_TRUE(ended);
    reader_gone = true;
  };
  group.spawn("migrate", migrate());
  group.spawn("write", write());
  loop_.run(group.join());
  EXPECT_TRUE(outcome) << outcome.error().message;
  EXPECT_TRUE(reader_gone);
  EXPECT_GT(through, 3);
  EXPECT_TRUE(recorded());
}

TEST_F(MigratorRun, ALockThatIsNotToBeHadEndsWithItsHolder) {
  auto session = std::move(loop_.run(database_->open_session()).value());
  ASSERT_TRUE(loop_.run(session->execute_script(
      "SET application_name = 'slow report'; BEGIN; SELECT count(*) FROM things")));
  MigratorOptions options;
  options.limits.lock_budget = milliseconds(20);
  options.limits.lock_deadline = milliseconds(60);
  const auto outcome = apply(migration("DROP TABLE things"), options);
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().kind, ErrorKind::try_again);
  EXPECT_TRUE(outcome.error().message.contains("slow report")) << outcome.error().message;
  EXPECT_TRUE(outcome.error().message.contains("things"));
  EXPECT_FALSE(recorded());
}

TEST_F(MigratorRun, AnotherMigratorIsNamed) {
  const auto other = loop_.run(Migrator::open(*database_, clock_, {.who = "ada@sea pid 7"}));
  ASSERT_TRUE(other);
  MigratorOptions options;
  options.limits.migrator_wait = milliseconds(1);
  const auto refused = apply(migration("SELECT 1"), options);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::conflict);
  EXPECT_TRUE(refused.error().message.contains("ada@sea pid 7")) << refused.error().message;
}

TEST_F(MigratorRun, AnIndexIsBuiltConcurrentlyAndRecognisedWhenItIsThere) {
  const auto build = migration("CREATE INDEX CONCURRENTLY things_size ON things (size)",
                               "DROP INDEX CONCURRENTLY things_size");
  ASSERT_TRUE(apply(build));
  EXPECT_TRUE(recorded());
  // As after a kill between the index and its record.
  ask("DELETE FROM schema_migrations WHERE revision = 90");
  ASSERT_TRUE(apply(build));
  EXPECT_TRUE(recorded());
  EXPECT_EQ(ask("SELECT indisvalid FROM pg_index WHERE indexrelid = 'things_size'::regclass"), "t");
}

TEST_F(MigratorRun, AnInvalidIndexIsBuiltAnew) {
  ask("INSERT INTO things VALUES (1001, 5), (1002, 5)");
  const auto build = migration("CREATE UNIQUE INDEX CONCURRENTLY things_size ON things (size)");
  const auto refused = apply(build);
  ASSERT_FALSE(refused);
  EXPECT_EQ(ask("SELECT to_regclass('things_size') IS NULL"), "t") << "the invalid one stayed";
  EXPECT_FALSE(recorded());
  // As a killed migrator leaves it.
  EXPECT_THROW(ask("CREATE UNIQUE INDEX CONCURRENTLY things_size ON things (size)"),
               std::runtime_error);
  ASSERT_EQ(ask("SELECT indisvalid FROM pg_index WHERE indexrelid = 'things_size'::regclass"), "f");
  ask("DELETE FROM things WHERE id = 1002");
  ASSERT_TRUE(apply(build));
  EXPECT_EQ(ask("SELECT indisvalid FROM pg_index WHERE indexrelid = 'things_size'::regclass"), "t");
}

TEST_F(MigratorRun, AnIndexOfAnotherTableIsInTheWay) {
  ask("CREATE INDEX things_size ON users (name)");
  const auto refused = apply(migration("CREATE INDEX CONCURRENTLY things_size ON things (size)"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::conflict);
}

TEST_F(MigratorRun, ABackfillGoesInBatchesAndCanBeRepeated) {
  std::vector<std::string> notes;
  MigratorOptions options;
  options.on_note = [&](std::string_view note) { notes.emplace_back(note); };
  const auto fill = migration(
      "-- auterity: backfill table=things batch=300 pause=1\n"
      "UPDATE things SET size = 0 WHERE id IN "
      "(SELECT id FROM things WHERE size IS NULL LIMIT $1 FOR UPDATE)");
  ask("UPDATE things SET size = 1 WHERE id <= 100");
  ASSERT_TRUE(apply(fill, options));
  EXPECT_EQ(notes, (std::vector<std::string>{"0090_test: 300 rows of things",
                                             "0090_test: 600 rows of things",
                                             "0090_test: 900 rows of things"}));
  EXPECT_EQ(ask("SELECT count(*) FROM things WHERE size = 0"), "900");
  EXPECT_TRUE(recorded());
}

TEST_F(MigratorRun, AStatementThatFailsIsNamedByFileAndLine) {
  const auto outcome = apply(migration("SELECT 1;\nSELECT nothing"));
  ASSERT_FALSE(outcome);
  EXPECT_TRUE(outcome.error().message.starts_with("0090_test.up.sql: line 2: "))
      << outcome.error().message;
}

}  // namespace
}  // namespace auterity::data
