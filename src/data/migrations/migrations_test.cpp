#include "data/migrations.h"

#include <gtest/gtest.h>

#include <fstream>

#include "core/task_group.h"
#include "harness/event_loop.h"
#include "harness/postgres_server.h"
#include "harness/throwaway_folder.h"

namespace auterity::data {
namespace {

using harness::PostgresServer;

class MigrationFiles : public testing::Test {
 protected:
  void SetUp() override {
    write("0001_schema_migrations.up.sql",
          "CREATE TABLE schema_migrations (revision int PRIMARY KEY, name text, checksum text)");
    write("0001_schema_migrations.down.sql", "DROP TABLE schema_migrations");
  }

  void write(const std::string& name, const std::string& content) {
    std::ofstream(folder_.path() / name) << content;
  }
  Result<std::vector<Migration>> load() { return load_migrations(folder_.path().string()); }
  // The error's message, empty when there was none.
  std::string problem() {
    const auto loaded = load();
    return loaded ? "" : loaded.error().message;
  }

  harness::ThrowawayFolder folder_{"migrations"};
};

TEST_F(MigrationFiles, AreSortedAndPaired) {
  write("0002_things.up.sql", "CREATE TABLE things ()");
  write("README.md", "not a migration");
  const auto loaded = load();
  ASSERT_TRUE(loaded) << loaded.error().message;
  ASSERT_EQ(loaded->size(), 2u);
  EXPECT_EQ(label(loaded->at(0)), "0001_schema_migrations");
  EXPECT_EQ(loaded->at(0).down, "DROP TABLE schema_migrations");
  EXPECT_EQ(loaded->at(1).revision, 2);
  EXPECT_EQ(loaded->at(1).down, "");
  EXPECT_EQ(loaded->at(1).checksum.size(), 64u);
}

TEST_F(MigrationFiles, AGapIsNamed) {
  write("0003_things.up.sql", "SELECT 1");
  EXPECT_TRUE(problem().contains("0002 is missing before 0003_things")) << problem();
}

TEST_F(MigrationFiles, ADoubledRevisionIsNamed) {
  write("0001_things.up.sql", "SELECT 1");
  EXPECT_TRUE(problem().contains("0001_things.up.sql")) << problem();
}

TEST_F(MigrationFiles, AMalformedNameIsNamed) {
  for (const char* name : {"2_x.up.sql", "0002-x.up.sql", "0002_x.sql", "0002_.up.sql",
                           "0002_X.up.sql", "0000_x.up.sql"}) {
    write(name, "SELECT 1");
    EXPECT_TRUE(problem().contains(name)) << name << ": " << problem();
    std::filesystem::remove(folder_.path() / name);
  }
}

TEST_F(MigrationFiles, ADownFileNeedsItsUpFile) {
  write("0002_things.down.sql", "SELECT 1");
  EXPECT_TRUE(problem().contains("0002_things.up.sql is missing")) << problem();
}

TEST_F(MigrationFiles, AMissingFolderIsNotFound) {
  const auto loaded = load_migrations("/nowhere/migrations");
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().kind, ErrorKind::not_found);
}

class MigrationRun : public MigrationFiles {
 protected:
  void SetUp() override {
    AUTERITY_NEEDS_POSTGRES();
    MigrationFiles::SetUp();
    write("0002_things.up.sql", "CREATE TABLE things (id int); INSERT INTO things VALUES (1)");
    write("0002_things.down.sql", "DROP TABLE things");
    auto& server = *PostgresServer::shared();
    name_ = server.create_database();
    database_ = open_database(loop_.executor(), clock_, log_, {.url = server.url(name_)});
  }
  void TearDown() override {
    if (database_) loop_.run(database_->close());
  }

  Result<std::vector<int>> up() {
    return loop_.run(migrate_up(*database_, clock_, load().value()));
  }
  Result<std::vector<int>> down(int to) {
    return loop_.run(migrate_down(*database_, clock_, load().value(), to));
  }
  int revision() { return loop_.run(applied_revision(*database_)).value_or(-1); }
  std::string ask(const std::string& sql) { return PostgresServer::shared()->execute(sql, name_); }

  std::string name_;
  harness::EventLoop loop_;
  SystemClock clock_;
  harness::SilentLog log_;
  std::unique_ptr<Database> database_;
};

TEST_F(MigrationRun, AppliesWhatIsMissingOnce) {
  EXPECT_EQ(revision(), 0);
  EXPECT_EQ(up().value(), (std::vector{1, 2}));
  EXPECT_EQ(revision(), 2);
  EXPECT_EQ(up().value(), std::vector<int>{});
  write("0003_more.up.sql", "CREATE TABLE more ()");
  EXPECT_EQ(up().value(), std::vector{3});
}

TEST_F(MigrationRun, AFailingMigrationLeavesNothingAndKeepsThoseBefore) {
  write("0003_broken.up.sql", "CREATE TABLE half (); INSERT INTO nowhere VALUES (1)");
  const auto outcome = up();
  ASSERT_FALSE(outcome);
  EXPECT_TRUE(outcome.error().message.contains("0003_broken")) << outcome.error().message;
  EXPECT_EQ(revision(), 2);
  EXPECT_EQ(ask("SELECT to_regclass('half') IS NULL"), "t");
}

TEST_F(MigrationRun, AChangedFileIsRefusedByName) {
  ASSERT_TRUE(up());
  write("0002_things.up.sql", "CREATE TABLE things (id bigint)");
  const auto outcome = up();
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().kind, ErrorKind::conflict);
  EXPECT_TRUE(outcome.error().message.contains("0002_things.up.sql"));
  EXPECT_FALSE(outcome.error().hint.empty());
}

TEST_F(MigrationRun, ADatabaseOfANewerReleaseIsLeftAlone) {
  ASSERT_TRUE(up());
  ask("INSERT INTO schema_migrations VALUES (9, 'later', 'x')");
  EXPECT_EQ(up().value(), std::vector<int>{});
  EXPECT_EQ(revision(), 9);
}

TEST_F(MigrationRun, TwoMigratorsApplyEachMigrationOnce) {
  auto migrations = load().value();
  auto other =
      open_database(loop_.executor(), clock_, log_, {.url = PostgresServer::shared()->url(name_)});
  TaskGroup both(loop_.executor(), "migrators", [](std::string_view, std::exception_ptr) {});
  std::vector<int> applied;
  const auto migrate = [this](Database& database, std::vector<Migration> files,
                              std::vector<int>& all) -> Async<void> {
    const auto done = co_await migrate_up(database, clock_, std::move(files));
    EXPECT_TRUE(done) << done.error().message;
    if (done) all.insert(all.end(), done->begin(), done->end());
  };
  both.spawn("one", migrate(*database_, migrations, applied));
  both.spawn("two", migrate(*other, migrations, applied));
  loop_.run(both.join());
  EXPECT_EQ(applied, (std::vector{1, 2}));
  loop_.run(other->close());
}

TEST_F(MigrationRun, GoesDownNewestFirst) {
  ASSERT_TRUE(up());
  EXPECT_EQ(down(0).value(), (std::vector{2, 1}));
  EXPECT_EQ(revision(), 0);
  EXPECT_EQ(up().value(), (std::vector{1, 2}));
}

TEST_F(MigrationRun, AnIrreversibleMigrationRefusesTheWholeWayDown) {
  write("0003_more.up.sql", "CREATE TABLE more ()");
  ASSERT_TRUE(up());
  write("0004_last.up.sql", "CREATE TABLE last ()");
  write("0004_last.down.sql", "DROP TABLE last");
  ASSERT_TRUE(up());
  const auto outcome = down(0);
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().kind, ErrorKind::conflict);
  EXPECT_EQ(revision(), 4);
}

}  // namespace
}  // namespace auterity::data
