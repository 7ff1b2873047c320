// Pending migrations on a copy of a real database.
#include "operations/migrate/rehearsal.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "core/disk_files.h"
#include "core/system_clock.h"
#include "core/system_processes.h"
#include "harness/event_loop.h"
#include "harness/postgres_server.h"
#include "harness/source_folder.h"
#include "harness/throwaway_folder.h"
#include "operations/migrate/operation.h"

namespace auterity::operations {
namespace {

using harness::PostgresServer;
namespace fs = std::filesystem;

class RehearsalOfMigrations : public testing::Test {
 protected:
  void SetUp() override {
    AUTERITY_NEEDS_POSTGRES();
    migrations_ = folder_.path() / "migrations";
    fs::copy(harness::source_folder() / "migrations", migrations_);
    auto& server = *PostgresServer::shared();
    target_ = {.url = server.url(server.create_migrated_database()),
               .admin_url = server.url("postgres"),
               .migrations = migrations_.string()};
    ASSERT_TRUE(complete(target_));
    next_ = data::load_migrations(migrations_.string())->back().revision + 1;
  }

  void write(const std::string& name, const std::string& up, const std::string& down) {
    std::string digits = std::to_string(next_++);
    digits.insert(0, 4 - digits.size(), '0');
    const std::string base = (migrations_ / digits).string() + "_" + name;
    std::ofstream(base + ".up.sql") << up;
    std::ofstream(base + ".down.sql") << down;
  }

  Result<std::string> rehearse() {
    MigrateServices services{loop_.executor(), clock_, log_, files_, processes_};
    const auto migrations = data::load_migrations(target_.migrations);
    if (!migrations) return std::unexpected(migrations.error());
    const auto observed = loop_.run(observe_schema(services, target_));
    if (!observed) return std::unexpected(observed.error());
    auto outcome = loop_.run(rehearse_migrations(services, target_, *migrations, *observed));
    EXPECT_EQ(ask("SELECT count(*) FROM pg_database WHERE datname LIKE '%scratch_rehearsal%'"),
              "0");
    return outcome;
  }
  std::string ask(const std::string& sql) {
    return PostgresServer::shared()->execute(sql, target_.name);
  }

  harness::EventLoop loop_;
  harness::ThrowawayFolder folder_{"rehearsal"};
  SystemClock clock_;
  DiskFiles files_;
  SystemProcesses processes_{clock_};
  harness::SilentLog log_;
  fs::path migrations_;
  MigrateTarget target_;
  int next_ = 0;
};

TEST_F(RehearsalOfMigrations, GoUpDownAndUpAgainOnACopyAndLeaveTheDatabaseAlone) {
  write("colour", "ALTER TABLE files ADD COLUMN colour text",
        "ALTER TABLE files DROP COLUMN colour");
  write("shade", "ALTER TABLE files ADD COLUMN shade text", "ALTER TABLE files DROP COLUMN shade");
  const auto outcome = rehearse();
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_EQ(*outcome, "2 went up, down and up again on a copy with all rows");
  EXPECT_EQ(ask("SELECT count(*) FROM pg_attribute WHERE attname IN ('colour', 'shade')"), "0");
}

TEST_F(RehearsalOfMigrations, WhatOnlyTheRowsForbidIsFoundWithItsFileAndLine) {
  ask("INSERT INTO files SELECT gen_random_uuid(), 'same', 't', 1, '', '', '', now() "
      "FROM generate_series(1, 2)");
  write("unique", "-- names are to be unique\nCREATE UNIQUE INDEX names ON files (name)",
        "DROP INDEX names");
  const auto outcome = rehearse();
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().kind, ErrorKind::failed) << outcome.error().message;
  EXPECT_TRUE(outcome.error().message.contains("_unique.up.sql")) << outcome.error().message;
  EXPECT_TRUE(outcome.error().message.contains("2")) << outcome.error().message;
}

TEST_F(RehearsalOfMigrations, AWayBackThatDoesNotLeadBackIsFound) {
  write("colour", "ALTER TABLE files ADD COLUMN colour text",
        "ALTER TABLE files RENAME COLUMN colour TO color");
  const auto outcome = rehearse();
  ASSERT_FALSE(outcome);
  EXPECT_TRUE(outcome.error().message.contains("column public.files.color"))
      << outcome.error().message;
}

TEST_F(RehearsalOfMigrations, WhatIsDeclaredIrreversibleIsNotTakenBack) {
  write("gone", "ALTER TABLE files ADD COLUMN a text", "-- auterity: irreversible: no way back\n");
  write("colour", "ALTER TABLE files ADD COLUMN colour text",
        "ALTER TABLE files DROP COLUMN colour");
  const auto outcome = rehearse();
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_EQ(*outcome, "2 went up, the last 1 of them down and up again on a copy with all rows");
}

TEST_F(RehearsalOfMigrations, OfALargeDatabaseTheSchemaAloneIsCopied) {
  ask("CREATE UNLOGGED TABLE filler AS SELECT repeat(md5(i::text), 60) AS t "
      "FROM generate_series(1, 20000) i; DELETE FROM filler");
  write("colour", "ALTER TABLE files ADD COLUMN colour text",
        "ALTER TABLE files DROP COLUMN colour");
  const auto outcome = rehearse();
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_EQ(*outcome, "1 went up, down and up again on a copy of the schema");
}

}  // namespace
}  // namespace auterity::operations
