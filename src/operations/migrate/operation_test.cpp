// Migrate operations under the real runner on a real server: restore points that are restored and
// compared, the way back proven on a copy.
#include "operations/migrate/operation.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <filesystem>
#include <fstream>
#include <map>

#include "core/disk_files.h"
#include "core/random.h"
#include "core/system_processes.h"
#include "data/database_url.h"
#include "data/migrations/migrator.h"
#include "harness/event_loop.h"
#include "harness/operation_crashes.h"
#include "harness/postgres_server.h"
#include "harness/pretended_restore_points.h"
#include "harness/source_folder.h"
#include "harness/throwaway_folder.h"
#include "operations/journal/file_journal.h"
#include "operations/journal/file_lock.h"
#include "operations/migrate/databases.h"
#include "operations/migrate/logical_restore_points.h"
#include "operations/migrate/validate.h"
#include "operations/runner.h"

namespace auterity::operations {
namespace {

using harness::PostgresServer;
namespace fs = std::filesystem;

class MigrateOperationRun : public testing::Test {
 protected:
  void SetUp() override {
    AUTERITY_NEEDS_POSTGRES();
    migrations_ = folder_.path() / "migrations";
    fs::copy(harness::source_folder() / "migrations", migrations_);
    auto& server = *PostgresServer::shared();
    use_database(server.create_migrated_database());
  }

  void use_database(std::string name) {
    auto& server = *PostgresServer::shared();
    target_ = {.environment = "staging",
               .url = server.url(name),
               .admin_url = server.url("postgres"),
               .migrations = migrations_.string(),
               .restore_points = (folder_.path() / "restore-points").string()};
    ASSERT_TRUE(complete(target_));
    ASSERT_EQ(target_.name, name);
  }

  void write(int number, const std::string& name, const std::string& up, const std::string& down) {
    const auto base = (migrations_ / fmt_number(number)).string() + "_" + name;
    std::ofstream(base + ".up.sql") << up;
    if (!down.empty()) std::ofstream(base + ".down.sql") << down;
  }
  static std::string fmt_number(int number) {
    std::string digits = std::to_string(number);
    return std::string(4 - digits.size(), '0') + digits;
  }
  int own() const {
    return data::load_migrations((harness::source_folder() / "migrations").string())
        ->back()
        .revision;
  }
  std::string ask(const std::string& sql) {
    return PostgresServer::shared()->execute(sql, target_.name);
  }

  MigrateServices services() { return {loop_.executor(), clock_, log_, files_, processes_}; }
  std::unique_ptr<MigrateOperation> operation(MigrateRequest request) {
    return std::make_unique<MigrateOperation>(services(), target_, restore_points_,
                                              std::move(request), data::MigratorOptions{});
  }
  Result<RunResult> run(MigrateRequest request) {
    FileJournal journal(files_, folder_.path() / "operations");
    FileLock lock(files_, clock_, folder_.path() / "operations");
    Runner runner({journal, lock, clock_, random_, observer_}, {"ada@sea", ""});
    const auto made = operation(std::move(request));
    return loop_.run(runner.start(*made));
  }

  harness::ThrowawayFolder folder_{"migrate"};
  fs::path migrations_;
  MigrateTarget target_;
  harness::EventLoop loop_;
  SystemClock clock_;
  SystemRandom random_;
  harness::SilentLog log_;
  DiskFiles files_;
  SystemProcesses processes_{clock_};
  harness::crashes::Silent observer_;
  std::shared_ptr<RestorePoints> restore_points_ =
      std::make_shared<harness::PretendedRestorePoints>();
};

TEST_F(MigrateOperationRun, CreatesTheDatabaseWhateverItIsCalled) {
  const std::string name = "it's a \"new\" one " + target_.name;
  target_.admin_url = PostgresServer::shared()->url("postgres");
  target_.url = data::with_database(target_.admin_url, name).value();
  ASSERT_TRUE(complete(target_));
  const auto result = run({.to = {}, .restore_point = {}});
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(result->plan.steps.front().name, kCreateDatabaseStep);
  EXPECT_EQ(run({.to = {}, .restore_point = {}})->outcome, "nothing to do");
}

TEST_F(MigrateOperationRun, WhatIsAppliedCannotBeUndoneButReverted) {
  const int first = own() + 1;
  write(first, "colour", "ALTER TABLE users ADD COLUMN colour text", "SELECT 1");
  const auto result = run({.to = {}, .restore_point = {}});
  ASSERT_TRUE(result) << result.error().message;
  FileJournal journal(files_, folder_.path() / "operations");
  auto done = journal.load(result->id);
  ASSERT_TRUE(done) << done.error().message;
  FileLock lock(files_, clock_, folder_.path() / "operations");
  Runner runner({journal, lock, clock_, random_, observer_}, {"ada@sea", ""});
  const auto made = operation(MigrateOperation::parse_request(MigrateDirection::up, done->request));
  const auto undone = loop_.run(runner.undo(*made, *done));
  ASSERT_FALSE(undone);
  EXPECT_EQ(undone.error().kind, ErrorKind::conflict);
  EXPECT_EQ(undone.error().hint,
            fmt::format("revert the migrations instead: auterity migrate down --to {} -e staging",
                        first - 1));
  EXPECT_EQ(journal.load(result->id)->outcome, "done");
}

TEST_F(MigrateOperationRun, AFailingMigrationKeepsThoseBeforeAndSaysWhatToDo) {
  const int first = own() + 1;
  write(first, "colour", "ALTER TABLE users ADD COLUMN colour text", "");
  write(first + 1, "broken", "SELECT 1;\nALTER TABLE nowhere ADD COLUMN x int", "");
  const auto result = run({.to = {}, .restore_point = {}});
  ASSERT_FALSE(result);
  EXPECT_TRUE(result.error().message.contains("broken.up.sql: line 2")) << result.error().message;
  for (const char* part : {"restore point", "auterity migrate up", "migrate down --to"})
    EXPECT_TRUE(result.error().hint.contains(part)) << result.error().hint;
  EXPECT_EQ(ask("SELECT max(revision) FROM schema_migrations"), std::to_string(first));
  fs::remove(migrations_ / (fmt_number(first + 1) + "_broken.up.sql"));
  EXPECT_EQ(run({.to = {}, .restore_point = {}})->outcome, "nothing to do");
}

TEST_F(MigrateOperationRun, ARestorePointIsRestoredAndComparedAndGoingDownIsProven) {
  restore_points_ = std::make_shared<LogicalRestorePoints>(services(), target_);
  ask("INSERT INTO files SELECT gen_random_uuid(), 'f', 't', 1, '', '', '', now() "
      "FROM generate_series(1, 50)");
  const int first = own() + 1;
  write(first, "colour", "ALTER TABLE files ADD COLUMN colour text",
        "ALTER TABLE files DROP COLUMN colour");
  const auto up = run({.to = {}, .restore_point = {}});
  ASSERT_TRUE(up) << up.error().message;
  const auto points = files_.list(target_.restore_points).value();
  ASSERT_EQ(points.size(), 2u);
  for (const auto& name : points)
    EXPECT_EQ(fs::status(fs::path(target_.restore_points) / name).permissions(),
              fs::perms::owner_read | fs::perms::owner_write);
  const auto down =
      run({.direction = MigrateDirection::down, .to = first - 1, .restore_point = {}});
  ASSERT_TRUE(down) << down.error().message;
  EXPECT_EQ(ask("SELECT count(*) FROM pg_attribute WHERE attrelid = 'files'::regclass "
                "AND attname = 'colour'"),
            "0");
  EXPECT_EQ(PostgresServer::shared()->execute(
                "SELECT count(*) FROM pg_database WHERE datname LIKE '%scratch%'"),
            "0");
}

TEST_F(MigrateOperationRun, AWayBackThatDoesNotLeadBackIsFoundOnTheCopy) {
  restore_points_ = std::make_shared<LogicalRestorePoints>(services(), target_);
  const int first = own() + 1;
  write(first, "colour", "ALTER TABLE files ADD COLUMN IF NOT EXISTS colour text DEFAULT 'red'",
        "ALTER TABLE files ALTER COLUMN colour DROP DEFAULT");
  ASSERT_TRUE(run({.to = {}, .restore_point = {}}));
  const auto down =
      run({.direction = MigrateDirection::down, .to = first - 1, .restore_point = {}});
  ASSERT_FALSE(down);
  EXPECT_TRUE(down.error().message.contains("column public.files.colour")) << down.error().message;
  EXPECT_EQ(ask("SELECT max(revision) FROM schema_migrations"), std::to_string(first));
}

TEST_F(MigrateOperationRun, OnlyScratchDatabasesWhoseMakerIsGoneAreDroppedByOthers) {
  auto& server = *PostgresServer::shared();
  auto services_now = services();
  const auto there = [&](const std::string& name) {
    return server.execute("SELECT count(*) FROM pg_database WHERE datname = '" + name + "'") == "1";
  };
  server.execute("CREATE DATABASE auterity_scratch_own_0123456789ab");
  server.execute("CREATE DATABASE left_by_a_dead_process");
  server.execute("COMMENT ON DATABASE left_by_a_dead_process IS 'scratch database of auterity'");
  std::string outer, inner;
  const auto within = [&](std::string name) -> Async<Status> {
    inner = name;
    EXPECT_TRUE(there(outer)) << "its maker lives";
    EXPECT_TRUE(there(inner));
    co_return fail(ErrorKind::failed, "the work went wrong");
  };
  const auto around = [&](std::string name) {
    outer = std::move(name);
    return with_scratch_database(services_now, target_, "test", within);
  };
  const auto outcome = loop_.run(with_scratch_database(services_now, target_, "test", around));
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().message, "the work went wrong");
  EXPECT_FALSE(there(outer));
  EXPECT_FALSE(there(inner)) << "dropped, though the work went wrong";
  EXPECT_FALSE(there("left_by_a_dead_process"));
  EXPECT_TRUE(there("auterity_scratch_own_0123456789ab")) << "no mark: somebody else's";
  server.execute("DROP DATABASE auterity_scratch_own_0123456789ab");
}

std::map<std::string, SchemaCheck> by_id(const std::vector<SchemaCheck>& checks) {
  std::map<std::string, SchemaCheck> map;
  for (const auto& check : checks) map[check.id] = check;
  return map;
}

TEST_F(MigrateOperationRun, ValidateLooksAtEverythingAndRepairsNothing) {
  auto services_now = services();
  const auto clean = loop_.run(validate_schema(services_now, target_, nullptr));
  ASSERT_TRUE(clean) << clean.error().message;
  EXPECT_EQ(worst(*clean), Verdict::pass);
  ask("ALTER TABLE files ADD CONSTRAINT large CHECK (size < 0) NOT VALID");
  ask("DROP TABLE schedules");
  ask("UPDATE schema_migrations SET checksum = 'x' WHERE revision = 2");
  const auto broken = loop_.run(validate_schema(services_now, target_, nullptr));
  ASSERT_TRUE(broken) << broken.error().message;
  auto checks = by_id(*broken);
  EXPECT_EQ(checks["checksums"].verdict, Verdict::fail);
  EXPECT_TRUE(checks["checksums"].evidence.contains("0002_users"));
  EXPECT_EQ(checks["tables"].verdict, Verdict::fail);
  EXPECT_TRUE(checks["tables"].evidence.contains("schedules"));
  EXPECT_EQ(checks["drift"].verdict, Verdict::fail);
  EXPECT_TRUE(checks["drift"].evidence.contains("constraint public.files.large"));
  EXPECT_EQ(checks["constraints"].verdict, Verdict::warn);
  EXPECT_EQ(checks["executions"].verdict, Verdict::skipped);
  EXPECT_EQ(ask("SELECT to_regclass('schedules') IS NULL"), "t");
}

}  // namespace
}  // namespace auterity::operations
