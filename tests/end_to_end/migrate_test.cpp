// `auterity migrate` as an operator meets it: a real program, a real server with a password that
// must be percent-encoded, killed in the middle, and two of them at once.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <memory>

#include "core/system_clock.h"
#include "data/database.h"
#include "harness/event_loop.h"
#include "harness/percent_encoding.h"
#include "harness/postgres_server.h"
#include "harness/program.h"
#include "harness/source_folder.h"
#include "harness/throwaway_folder.h"

namespace auterity {
namespace {

namespace fs = std::filesystem;
using harness::PostgresServer;

constexpr const char* kPassword = "p@ss%20'word";
constexpr int kPolls = 200;

class MigrateProgram : public testing::Test {
 protected:
  void SetUp() override {
    AUTERITY_NEEDS_POSTGRES();
    if (harness::program_path().empty()) GTEST_SKIP() << "AUTERITY_BINARY is not set";
    server_ = std::make_unique<PostgresServer>(PostgresServer::Options{.loopback = true});
    server_->execute("CREATE ROLE operator LOGIN SUPERUSER PASSWORD 'p@ss%20''word'");
    fs::copy(harness::source_folder() / "migrations", folder_.path() / "migrations");
    url_ = "postgresql://operator:" + harness::percent_encoded(kPassword) +
           "@127.0.0.1:" + std::to_string(server_->port()) + "/shop?connect_timeout=5";
  }

  std::vector<std::string> line(std::vector<std::string> words) const {
    words.insert(words.begin(), "migrate");
    words.insert(words.end(), {"--migrations", (folder_.path() / "migrations").string()});
    return words;
  }
  harness::ProgramOutcome run(std::vector<std::string> arguments) {
    return harness::run_program({.arguments = std::move(arguments),
                                 .input = {},
                                 .environment = {{"AUTERITY_HOME", home()}, {"DATABASE_URL", url_}},
                                 .working_directory = "/",
                                 .limit = std::chrono::seconds(120)});
  }
  harness::ProgramOutcome migrate(std::vector<std::string> words) {
    return run(line(std::move(words)));
  }
  std::string home() const { return (folder_.path() / "home").string(); }

  // In the background, its output thrown away.
  pid_t start(const std::vector<std::string>& arguments) {
    const pid_t child = ::fork();
    if (child != 0) return child;
    ::setenv("AUTERITY_HOME", home().c_str(), 1);
    ::setenv("DATABASE_URL", url_.c_str(), 1);
    const int nowhere = ::open("/dev/null", O_RDWR);
    for (const int stream : {0, 1, 2}) ::dup2(nowhere, stream);
    const std::string program = harness::program_path();
    std::vector<char*> words{const_cast<char*>(program.c_str())};
    for (const std::string& argument : arguments)
      words.push_back(const_cast<char*>(argument.c_str()));
    words.push_back(nullptr);
    ::execv(program.c_str(), words.data());
    ::_exit(127);
  }
  // The program itself is asked, so each look takes a moment.
  bool reaches(const std::string& step) {
    for (int poll = 0; poll < kPolls; ++poll) {
      const auto shown = run({"operations", "show", "latest"});
      const auto at = shown.output.find(step);
      if (at != std::string::npos &&
          shown.output.substr(at, shown.output.find('\n', at) - at).contains("applying"))
        return true;
    }
    return false;
  }

  harness::ThrowawayFolder folder_{"migrate"};
  std::unique_ptr<PostgresServer> server_;
  std::string url_;
};

TEST_F(MigrateProgram, FromNothingToMigratedAndWhatItSaysThen) {
  const auto plan = migrate({"up", "--plan"});
  EXPECT_EQ(plan.exit_code, 0) << plan.error_output;
  EXPECT_TRUE(plan.output.contains("create-database")) << plan.output;
  const auto up = migrate({"up"});
  ASSERT_EQ(up.exit_code, 0) << up.error_output;
  EXPECT_FALSE((plan.output + up.output + up.error_output).contains("word"));
  EXPECT_EQ(server_->execute("SELECT max(revision) >= 6 FROM schema_migrations", "shop"), "t");
  EXPECT_TRUE(migrate({"status"}).output.contains("applied"));
  EXPECT_EQ(migrate({"validate"}).exit_code, 0);
  EXPECT_EQ(migrate({"lint"}).exit_code, 0);
  // Nobody would ever wake this one.
  server_->execute("CREATE TABLE executions_rest PARTITION OF workflow_executions DEFAULT", "shop");
  server_->execute(
      "INSERT INTO workflow_executions (id, workflow_id, created_at, term, seq, last_event, "
      "status, "
      "wake, trigger, workflow_type, started_by, traceparent, input) VALUES (gen_random_uuid(), "
      "gen_random_uuid(), now(), 1, 0, 0, 'waiting', 'none', '', '', '', '', '{}')",
      "shop");
  const auto orphan = migrate({"validate"});
  EXPECT_EQ(orphan.exit_code, 1);
  EXPECT_TRUE(orphan.output.contains("executions-none_at_all")) << orphan.output;
  EXPECT_EQ(server_->execute("SELECT wake FROM workflow_executions", "shop"), "none");
  server_->execute("DROP INDEX files_removed", "shop");
  const auto drift = migrate({"validate"});
  EXPECT_EQ(drift.exit_code, 1);
  EXPECT_TRUE(drift.output.contains("index public.files_removed is missing")) << drift.output;
  const auto made = migrate({"new", "colours"});
  EXPECT_TRUE(made.output.contains("_colours.up.sql")) << made.error_output;
  EXPECT_EQ(migrate({"lint"}).exit_code, 1) << "an empty migration";
  EXPECT_EQ(migrate({"down"}).exit_code, 2);
}

TEST_F(MigrateProgram, KilledWhileItWaitsItIsResumedAndASecondOneIsTurnedAway) {
  ASSERT_EQ(migrate({"up"}).exit_code, 0);
  const auto made = migrate({"new", "colour"});
  std::ofstream(made.output.substr(0, made.output.find('\n')))
      << "ALTER TABLE files ADD COLUMN colour text;\n";
  harness::EventLoop loop;
  SystemClock clock;
  harness::SilentLog log;
  const auto database =
      data::open_database(loop.executor(), clock, log, {.url = server_->url("shop")});
  auto reader = std::move(loop.run(database->open_session()).value());
  ASSERT_TRUE(loop.run(reader->execute_script("BEGIN; SELECT count(*) FROM files")));

  const pid_t first = start(line({"up"}));
  EXPECT_TRUE(reaches("_colour"));
  const auto second = migrate({"up"});
  EXPECT_EQ(second.exit_code, 5);
  EXPECT_TRUE(second.error_output.contains("migrate-up is running")) << second.error_output;
  EXPECT_TRUE(second.error_output.contains("pid " + std::to_string(first))) << second.error_output;
  ::kill(first, SIGKILL);
  int status = 0;
  ASSERT_EQ(::waitpid(first, &status, 0), first);
  EXPECT_TRUE(WIFSIGNALED(status)) << "it ended by itself";

  const auto third = migrate({"up"});
  EXPECT_EQ(third.exit_code, 5);
  EXPECT_TRUE(third.error_output.contains("operations resume")) << third.error_output;
  ASSERT_TRUE(loop.run(reader->execute_script("COMMIT")));
  const auto resumed = run({"operations", "resume", "latest"});
  EXPECT_EQ(resumed.exit_code, 0) << resumed.error_output;
  EXPECT_EQ(server_->execute("SELECT count(*) FROM pg_attribute WHERE attname = 'colour' "
                             "AND attrelid = 'files'::regclass",
                             "shop"),
            "1");
  reader.reset();
  loop.run(database->close());
}

// Three migrations beside the project's own, one of each kind that is cut off in its own way.
class KilledMigrateProgram : public MigrateProgram {
 protected:
  void SetUp() override {
    MigrateProgram::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    ASSERT_EQ(migrate({"up"}).exit_code, 0);
    server_->execute(
        "INSERT INTO files SELECT gen_random_uuid(), 'f', 't', 1, '', '', '', now() "
        "FROM generate_series(1, 1000)",
        "shop");
    add("colour", "ALTER TABLE files ADD COLUMN colour text;\n");
    add("index", "CREATE INDEX CONCURRENTLY files_colour ON files (colour);\n");
    add("fill",
        "-- auterity: backfill table=files batch=20 pause=5\n"
        "UPDATE files SET colour = 'red' WHERE id IN (SELECT id FROM files WHERE colour IS NULL "
        "LIMIT $1 FOR UPDATE);\n");
  }

  void add(const std::string& name, const std::string& sql) {
    const auto made = migrate({"new", name});
    std::ofstream(made.output.substr(0, made.output.find('\n'))) << sql;
  }
  std::string ask(const std::string& sql) { return server_->execute(sql, "shop"); }
  bool becomes(const std::string& sql) {
    for (int poll = 0; poll < kPolls * 20; ++poll)
      if (ask(sql) == "t") return true;
    return false;
  }
  static void kill(pid_t program) {
    ::kill(program, SIGKILL);
    int status = 0;
    ASSERT_EQ(::waitpid(program, &status, 0), program);
    EXPECT_TRUE(WIFSIGNALED(status)) << "it ended by itself";
  }
  void resume() {
    const auto resumed = run({"operations", "resume", "latest"});
    EXPECT_EQ(resumed.exit_code, 0) << resumed.error_output;
  }
  void expect_migrated() {
    EXPECT_EQ(ask("SELECT count(*) FROM files WHERE colour IS DISTINCT FROM 'red'"), "0");
    EXPECT_EQ(ask("SELECT count(*) FROM files"), "1000");
    EXPECT_EQ(ask("SELECT bool_and(indisvalid) FROM pg_index"), "t");
    EXPECT_EQ(ask("SELECT count(*) FROM pg_class WHERE relname LIKE 'files_colour%'"), "1");
    EXPECT_EQ(migrate({"validate"}).exit_code, 0);
    EXPECT_TRUE(migrate({"up"}).output.contains("nothing to do"));
  }
};

TEST_F(KilledMigrateProgram, InTheMiddleOfAnIndexAndOfABackfillItIsResumed) {
  harness::EventLoop loop;
  SystemClock clock;
  harness::SilentLog log;
  const auto database =
      data::open_database(loop.executor(), clock, log, {.url = server_->url("shop")});
  auto reader = std::move(loop.run(database->open_session()).value());

  pid_t program = start(line({"up"}));
  // A reader that the index has to wait for, begun once the column is there.
  ASSERT_TRUE(
      becomes("SELECT EXISTS (SELECT FROM pg_attribute WHERE attname = 'colour' "
              "AND attrelid = 'files'::regclass)"));
  ASSERT_TRUE(loop.run(
      reader->execute_script("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM files")));
  ASSERT_TRUE(
      becomes("SELECT EXISTS (SELECT FROM pg_index WHERE NOT indisvalid) OR EXISTS "
              "(SELECT FROM files WHERE colour = 'red')"));
  ASSERT_NO_FATAL_FAILURE(kill(program));
  const bool in_index = ask("SELECT count(*) FROM files WHERE colour = 'red'") == "0";
  ask("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
      "WHERE query LIKE 'CREATE INDEX CONCURRENTLY%' AND pid <> pg_backend_pid()");
  EXPECT_EQ(ask("SELECT count(*) FROM pg_index WHERE NOT indisvalid"), in_index ? "1" : "0");
  ASSERT_TRUE(loop.run(reader->execute_script("COMMIT")));

  program = start({"operations", "resume", "latest"});
  ASSERT_TRUE(becomes("SELECT count(*) BETWEEN 20 AND 900 FROM files WHERE colour = 'red'"));
  ASSERT_NO_FATAL_FAILURE(kill(program));
  EXPECT_EQ(ask("SELECT count(*) > 0 FROM files WHERE colour IS NULL"), "t");
  ASSERT_NO_FATAL_FAILURE(resume());
  expect_migrated();
  reader.reset();
  loop.run(database->close());
}

}  // namespace
}  // namespace auterity
