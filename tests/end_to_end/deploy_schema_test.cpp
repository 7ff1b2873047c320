// A deploy that brings migrations: what it checks and keeps before anything moves, and what stays
// when it is turned back. Releases are packaged as an operator packages them, with other files.
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <filesystem>
#include <fstream>

#include "data/database.h"
#include "harness/event_loop.h"
#include "harness/loopback_port.h"
#include "harness/program.h"
#include "harness/source_folder.h"
#include "machine.h"
#include "request_load.h"

namespace auterity::end_to_end {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kAdds = "ALTER TABLE users ADD COLUMN colour text;\n";
// No rehearsal on a copy finds it out.
constexpr std::string_view kFailsOnTheLiveDatabase =
    "CREATE TABLE picky (number int CHECK (current_database() <> 'auterity'));\n"
    "INSERT INTO picky (number) VALUES (1);\n";

class DeployedSchema : public testing::Test {
 protected:
  void SetUp() override {
    AUTERITY_NEEDS_PLATFORM();
    const std::string port = std::to_string(harness::find_free_loopback_port());
    url_ = "http://127.0.0.1:" + port;
    const auto up = machine_.auterity({"up", "--port", port, "--replicas", "1", "--workers", "1"});
    ASSERT_EQ(up.exit_code, 0) << up.error_output;
    old_version_ = in_use();
    ASSERT_GT(old_revision_ = revision(), 0);
  }

  // The next files after those that are there, "colours" → "0007_colours".
  void build_release(const std::string& version, const std::vector<std::string>& ups) {
    const fs::path tree = machine_.home() / ("tree-" + version);
    fs::create_directories(tree / "build");
    for (const char* folder : {"web", "migrations"})
      fs::copy(harness::source_folder() / folder, tree / folder, fs::copy_options::recursive);
    fs::copy_file(harness::program_path(), tree / "build/auterity");
    for (std::size_t index = 0; index < ups.size(); ++index)
      std::ofstream(tree / "migrations" / (label(index) + ".up.sql")) << ups[index];
    const auto built = machine_.auterity({"release", "build", "--version", version, "--program",
                                          (tree / "build/auterity").string()});
    ASSERT_EQ(built.exit_code, 0) << built.error_output;
  }

  // Of the nth migration that a release adds to ours.
  std::string label(std::size_t index) const {
    const std::string number = std::to_string(old_revision_ + 1 + static_cast<int>(index));
    return std::string(4 - number.size(), '0') + number + "_more";
  }

  static std::vector<std::string> deploy_words(const std::string& version) {
    return {"deploy", "--version", version, "--canary", "100", "--bake", "1"};
  }
  harness::ProgramOutcome deploy(const std::string& version,
                                 const std::vector<std::string>& more = {}) {
    std::vector<std::string> arguments = deploy_words(version);
    arguments.insert(arguments.end(), more.begin(), more.end());
    return machine_.auterity(std::move(arguments));
  }

  std::string in_use() {
    return std::string(string_or(find_member(machine_.status(), "version"), ""));
  }
  int revision() {
    const Json status = machine_.json({"migrate", "status"});
    const Json* found = find_member(status, "revision");
    return found == nullptr ? 0 : static_cast<int>(found->as_int64());
  }
  std::vector<std::string> restore_points() const {
    std::vector<std::string> names;
    const fs::path folder = machine_.home() / "backups/development/restore-points";
    if (fs::exists(folder))
      for (const auto& entry : fs::directory_iterator(folder))
        if (entry.path().extension() == ".json") names.push_back(entry.path().stem().string());
    return names;
  }

  Machine machine_;
  std::string url_, old_version_;
  int old_revision_ = 0;
};

TEST_F(DeployedSchema, IsExpandedAfterARestorePointAndKeptWhenTheDeployIsTurnedBack) {
  ASSERT_NO_FATAL_FAILURE(
      build_release("8.0.0", {std::string(kAdds), std::string(kFailsOnTheLiveDatabase)}));
  const auto broken = deploy("8.0.0");
  EXPECT_EQ(broken.exit_code, 1) << broken.error_output;
  EXPECT_EQ(in_use(), old_version_);
  EXPECT_EQ(revision(), old_revision_ + 1);
  ASSERT_EQ(restore_points().size(), 1u);
  EXPECT_NE(broken.error_output.find(
                "the schema stays expanded by " + label(0) + ", which release " + old_version_ +
                " works with, and so does restore point " + restore_points().front()),
            std::string::npos)
      << broken.error_output;
  EXPECT_NE(broken.error_output.find("mend it in a new release, and deploy that"),
            std::string::npos)
      << broken.error_output;

  ASSERT_NO_FATAL_FAILURE(
      build_release("8.1.0", {std::string(kAdds), "ALTER TABLE users ADD COLUMN size text;\n"}));
  const auto plan = deploy("8.1.0", {"--plan"});
  EXPECT_EQ(plan.exit_code, 0) << plan.error_output;
  EXPECT_NE(plan.output.find("ACCESS EXCLUSIVE on users"), std::string::npos) << plan.output;
  EXPECT_EQ(plan.output.find(label(0)), std::string::npos) << plan.output;
  EXPECT_EQ(revision(), old_revision_ + 1);
  const auto done = deploy("8.1.0");
  EXPECT_EQ(done.exit_code, 0) << done.error_output;
  EXPECT_EQ(in_use(), "8.1.0");
  EXPECT_EQ(revision(), old_revision_ + 2);
  EXPECT_EQ(restore_points().size(), 2u);
  const Json shown = machine_.json({"operations", "show", "latest"});
  const Json* expected = find_pointer(shown, "/changes/migrations/pending/0/name");
  ASSERT_NE(expected, nullptr) << to_text(shown);
  EXPECT_EQ(string_or(expected, ""), label(1));

  const auto back = machine_.auterity({"rollback"});
  EXPECT_EQ(back.exit_code, 0) << back.error_output;
  EXPECT_EQ(in_use(), old_version_);
  EXPECT_EQ(revision(), old_revision_ + 2);
  EXPECT_EQ(restore_points().size(), 2u);
}

// Somebody who reads a table for long, so that nobody can change it.
class LongReport {
 public:
  explicit LongReport(Machine& machine)
      : database_(data::open_database(
            loop_.executor(), clock_, log_,
            {.url =
                 std::string(string_or(find_member(machine.credentials(), "database_url"), ""))})) {
    session_ = loop_.run(database_->open_session()).value();
    EXPECT_TRUE(loop_.run(session_->execute_script("BEGIN; SELECT count(*) FROM users")));
  }
  ~LongReport() {
    session_.reset();
    loop_.run(database_->close());
  }

  // Whether somebody stands in line to change the table, and all who come after behind him.
  bool is_waited_for() {
    const auto rows = loop_.run(database_->query(
        {.statement = {"test.waits",
                       "SELECT l.pid FROM pg_locks l JOIN pg_database d ON d.oid = l.database "
                       "WHERE d.datname = current_database() AND l.relation = 'users'::regclass "
                       "AND l.mode = 'AccessExclusiveLock' AND NOT l.granted"},
         .parameters = {}}));
    EXPECT_TRUE(rows) << rows.error().message;
    return rows && (*rows)->size() > 0;
  }
  void end() { EXPECT_TRUE(loop_.run(session_->execute_script("COMMIT"))); }

 private:
  harness::EventLoop loop_;
  SystemClock clock_;
  harness::SilentLog log_;
  std::unique_ptr<data::Database> database_;
  std::unique_ptr<data::Session> session_;
};

// The report ends when requests that read the table have gone through between attempts on it, so
// without a limit to each attempt the deploy, the requests and the report would wait for ever.
TEST_F(DeployedSchema, WaitsForAReportWithoutKeepingAnybodyElseWaiting) {
  ASSERT_NO_FATAL_FAILURE(build_release("8.4.0", {std::string(kAdds)}));
  LongReport report(machine_);
  RequestLoad load(url_ + "/api/users/me", {{"authorization", "Bearer " + machine_.token(url_)}});
  const pid_t deploy = machine_.start_auterity(deploy_words("8.4.0"));
  for (int attempt = 0; attempt < 2; ++attempt) {
    EXPECT_TRUE(machine_.eventually([&] { return report.is_waited_for(); }, 60));
    EXPECT_TRUE(machine_.eventually([&] { return !report.is_waited_for(); }));
    const int sent = load.sent();
    EXPECT_TRUE(machine_.eventually([&] { return load.sent() > sent + 100; }));
  }
  EXPECT_EQ(in_use(), old_version_);
  report.end();
  EXPECT_EQ(Machine::wait_for(deploy), 0)
      << to_text(machine_.json({"operations", "show", "latest"}));
  const RequestLoadOutcome outcome = load.stop();
  EXPECT_TRUE(outcome.failed.empty()) << testing::PrintToString(outcome.failed);
  EXPECT_EQ(in_use(), "8.4.0");
  EXPECT_EQ(revision(), old_revision_ + 1);
}

TEST_F(DeployedSchema, IsNotTouchedWhenTheReleaseOrTheEnvironmentIsNotFit) {
  ASSERT_NO_FATAL_FAILURE(build_release("8.2.0", {"ALTER TABLE users DROP COLUMN name;\n"}));
  const auto contracting = deploy("8.2.0");
  EXPECT_EQ(contracting.exit_code, 5) << contracting.error_output;
  EXPECT_NE(contracting.error_output.find("only migrations that add can be part of a deploy"),
            std::string::npos)
      << contracting.error_output;

  ASSERT_NO_FATAL_FAILURE(build_release("8.3.0", {"CREATE TABLE more (answer json);\n"}));
  const auto blocking = deploy("8.3.0");
  EXPECT_EQ(blocking.exit_code, 1) << blocking.error_output;
  EXPECT_NE(blocking.error_output.find("not fit for a deploy: migrations-linted"),
            std::string::npos)
      << blocking.error_output;
  EXPECT_NE(blocking.error_output.find("check.json"), std::string::npos) << blocking.error_output;
  EXPECT_EQ(in_use(), old_version_);
  EXPECT_EQ(revision(), old_revision_);
  EXPECT_TRUE(restore_points().empty());
  const Json shown = machine_.json({"operations", "show", "latest"});
  EXPECT_EQ(string_or(find_member(shown, "state"), ""), "undone");
}

}  // namespace
}  // namespace auterity::end_to_end
