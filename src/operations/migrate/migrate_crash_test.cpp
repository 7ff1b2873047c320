// `migrate up` and `migrate down` with their real steps on a real server, killed at every record of
// their journal: on the way forward, on the way back, and where a migration fails.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "core/disk_files.h"
#include "core/system_processes.h"
#include "data/migrations.h"
#include "data/with_database.h"
#include "harness/event_loop.h"
#include "harness/operation_crashes.h"
#include "harness/postgres_server.h"
#include "harness/pretended_restore_points.h"
#include "harness/source_folder.h"
#include "harness/throwaway_folder.h"
#include "operations/migrate/operation.h"

namespace auterity::operations {
namespace {

using harness::Follow;
using harness::PostgresServer;
namespace fs = std::filesystem;

enum class Fault { none, on_the_copy, on_the_database };

// A database at the platform's own newest revision, or two above it, and the way to the other one.
class MigratedWorld final : public harness::CrashWorld {
 public:
  MigratedWorld(MigrateDirection direction, Fault fault) : direction_(direction), fault_(fault) {
    auto& server = *PostgresServer::shared();
    const std::string name = server.create_migrated_database();
    fs::copy(harness::source_folder() / "migrations", folder_.path());
    target_ = {.environment = "staging",
               .url = server.url(name),
               .admin_url = server.url("postgres"),
               .migrations = folder_.path().string(),
               .restore_points = {}};
    EXPECT_TRUE(complete(target_));
    below_ = load().back().revision;
    write_migrations();
    if (direction == MigrateDirection::down) EXPECT_TRUE(loop_.run(migrate_all(target_.name)));
  }

  std::unique_ptr<Operation> make_operation() override {
    MigrateRequest request{.direction = direction_, .restore_point = {}};
    if (direction_ == MigrateDirection::down) request.to = below_;
    return make(std::move(request));
  }
  std::unique_ptr<Operation> make_operation_of(const JsonObject& request) override {
    return make(MigrateOperation::parse_request(direction_, request));
  }

  // What was migrated is recorded, and nothing else is there; only a failure ends on the way.
  void expect_correct_end(const OperationHistory& history) override {
    const bool up = direction_ == MigrateDirection::up;
    const int revision = std::stoi(ask("SELECT max(revision) FROM schema_migrations"));
    if (history.outcome == "done") {
      EXPECT_EQ(revision, up ? below_ + 2 : below_);
    } else if (up) {
      EXPECT_EQ(history.outcome, "undone");  // what was migrated stays
    } else if (history.outcome == "failed") {
      EXPECT_EQ(fault_, Fault::on_the_database);
      EXPECT_EQ(revision, below_ + 1) << "what was reverted does not come back by itself";
    } else {
      EXPECT_EQ(history.outcome, "undone");
      EXPECT_EQ(revision, below_ + 2) << "what was reverted does not come back by itself";
    }
    EXPECT_EQ(ask("SELECT count(*) FROM information_schema.columns WHERE column_name = 'colour'"),
              revision > below_ ? "1" : "0");
    EXPECT_EQ(ask("SELECT count(*) FROM pg_index WHERE indisvalid AND "
                  "indexrelid = to_regclass('users_colour')"),
              revision > below_ + 1 ? "1" : "0");
    EXPECT_EQ(ask("SELECT count(*) FROM pg_database WHERE datname LIKE '%scratch%'"), "0");
  }

  Clock& clock() override { return clock_; }
  Result<RunResult> run(Async<Result<RunResult>> work) override {
    return loop_.run(std::move(work));
  }

 private:
  std::string ask(const std::string& sql) const {
    return PostgresServer::shared()->execute(sql, target_.name);
  }
  std::vector<data::Migration> load() const {
    return data::load_migrations(target_.migrations).value();
  }
  void write(int revision, const std::string& up, const std::string& down) {
    const std::string base = (folder_.path() / fmt::format("{:04}_more", revision)).string();
    std::ofstream(base + ".up.sql") << up;
    std::ofstream(base + ".down.sql") << down;
  }
  void write_migrations() {
    const std::string fails = fmt::format(
        "DO $$ BEGIN IF current_database() = '{}' THEN RAISE 'not here'; END IF; END $$;",
        target_.name);
    const bool here = fault_ == Fault::on_the_database;
    const bool up = direction_ == MigrateDirection::up;
    write(below_ + 1, "ALTER TABLE users ADD COLUMN colour text;",
          (here && !up ? fails : "") + (fault_ == Fault::on_the_copy
                                            ? "ALTER TABLE users ALTER colour SET DEFAULT 'red';"
                                            : "ALTER TABLE users DROP COLUMN colour;"));
    write(below_ + 2,
          here && up ? fails : "CREATE INDEX CONCURRENTLY users_colour ON users (colour);",
          "DROP INDEX CONCURRENTLY users_colour;");
  }

  // What a restore point holds, too: everything that is here.
  Async<Status> migrate_all(std::string database) {
    MigrateServices there = services();
    AUTERITY_CO_TRY(opened, open_as_administrator(there, target_, database));
    AUTERITY_CO_CHECK(co_await data::with_database(
        std::move(opened),
        [this](data::Database& empty) { return data::migrate_up(empty, clock_, load()); }));
    co_return Status{};
  }
  MigrateServices services() { return {loop_.executor(), clock_, log_, disk_, processes_}; }
  std::unique_ptr<Operation> make(MigrateRequest request) {
    return std::make_unique<MigrateOperation>(services(), target_, restore_points_,
                                              std::move(request), data::MigratorOptions{});
  }

  MigrateDirection direction_;
  Fault fault_;
  int below_ = 0;
  harness::ThrowawayFolder folder_{"migrate-crash", harness::ThrowawayFolder::Place::memory};
  MigrateTarget target_;
  harness::EventLoop loop_;
  SystemClock clock_;
  harness::SilentLog log_;
  DiskFiles disk_;
  SystemProcesses processes_{clock_};
  std::shared_ptr<harness::PretendedRestorePoints> restore_points_ =
      std::make_shared<harness::PretendedRestorePoints>(
          [this](std::string database) { return migrate_all(std::move(database)); });
};

class MigrateCrashes : public ::testing::TestWithParam<MigrateDirection> {
 protected:
  void SetUp() override { AUTERITY_NEEDS_POSTGRES(); }

  // What is left is resumed, or undone.
  static void kill_everywhere(Fault fault, int stride, int enough) {
    const auto make_world = [&] { return std::make_unique<MigratedWorld>(GetParam(), fault); };
    const auto unharmed = make_world();
    const bool ended = live(*unharmed, Follow::resume).result.has_value();
    EXPECT_EQ(ended, fault == Fault::none);
    unharmed->expect_correct_end(unharmed->only_operation());
    int places = 0;
    for (const Follow follow : {Follow::resume, Follow::undo}) {
      SCOPED_TRACE(follow == Follow::resume ? "resumed" : "undone");
      places += harness::kill_at_records(make_world, follow, harness::crash_stride(stride));
      if (HasFailure()) return;
    }
    EXPECT_GT(places, enough);
  }
};

TEST_P(MigrateCrashes, EndAtARevisionThatIsWholeAndRecorded) {
  kill_everywhere(Fault::none, 2, 10);
}
TEST_P(MigrateCrashes, WhereAMigrationFailsKeepWhatWasWhole) {
  kill_everywhere(Fault::on_the_database, 4, 5);
}

INSTANTIATE_TEST_SUITE_P(Directions, MigrateCrashes,
                         ::testing::Values(MigrateDirection::up, MigrateDirection::down),
                         [](const auto& direction) {
                           return direction.param == MigrateDirection::up ? "Up" : "Down";
                         });

class MigrateDownCrashes : public MigrateCrashes {};
TEST_P(MigrateDownCrashes, WhereTheWayBackLeadsElsewhereTouchNothing) {
  kill_everywhere(Fault::on_the_copy, 4, 3);
}
INSTANTIATE_TEST_SUITE_P(Direction, MigrateDownCrashes, ::testing::Values(MigrateDirection::down));

}  // namespace
}  // namespace auterity::operations
