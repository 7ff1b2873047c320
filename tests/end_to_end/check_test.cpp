// The checklist against a platform that really runs, and against each fault made for real.
#include <gtest/gtest.h>

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/file.h>
#include <unistd.h>
#include <boost/json.hpp>
#include <fstream>
#include <map>

#include "harness/loopback_port.h"
#include "machine.h"

namespace auterity::end_to_end {
namespace {

namespace fs = std::filesystem;

std::string text_of(const Json& value, std::string_view member) {
  return std::string(string_or(find_member(value, member), ""));
}

using Ids = std::vector<std::string>;

struct Checked {
  int exit_code = 0;
  std::map<std::string, Json> checks;

  Ids with(const std::string& verdict) const {
    Ids ids;
    for (const auto& [id, check] : checks)
      if (text_of(check, "verdict") == verdict) ids.push_back(id);
    return ids;
  }
  std::string evidence(const std::string& id) const {
    const auto found = checks.find(id);
    return found == checks.end() ? "" : text_of(found->second, "evidence");
  }
};

// One platform for all tests of the suite; each leaves it as it found it.
class Check : public testing::Test {
 protected:
  void SetUp() override { AUTERITY_NEEDS_PLATFORM(); }
  static void TearDownTestSuite() { shared_.reset(); }

  void bring_up() {
    if (shared_) return;
    shared_ = std::make_unique<Machine>();
    const auto up =
        shared_->auterity({"up", "--port", std::to_string(harness::find_free_loopback_port())});
    ASSERT_EQ(up.exit_code, 0) << up.error_output;
  }
  Machine& machine() { return *shared_; }

  Checked check(std::vector<std::string> arguments = {}) {
    return check_on(machine(), std::move(arguments));
  }
  static Checked check_on(Machine& machine, std::vector<std::string> arguments = {}) {
    arguments.insert(arguments.begin(), {"check", "--json"});
    const auto outcome = machine.auterity(std::move(arguments));
    Checked checked{.exit_code = outcome.exit_code, .checks = {}};
    const auto report = parse_json(outcome.output);
    EXPECT_TRUE(report) << outcome.output << outcome.error_output;
    if (!report) return checked;
    for (const Json& finding : find_member(*report, "checks")->get_array()) {
      EXPECT_FALSE(text_of(finding, "evidence").empty()) << text_of(finding, "id");
      checked.checks[text_of(finding, "id")] = finding;
    }
    EXPECT_EQ(outcome.exit_code, checked.with("fail").empty() ? 0 : 1);
    for (const std::string_view secret : {"database_url", "redis_url", "jwt_secret_key"})
      if (const std::string value = text_of(machine.credentials(), secret); !value.empty())
        EXPECT_FALSE((outcome.output + outcome.error_output).contains(value)) << secret;
    return checked;
  }
  Ids failures(std::vector<std::string> arguments = {}) {
    return check(std::move(arguments)).with("fail");
  }

  // A copy of the release in use under another name, for tampering with.
  fs::path copy_release(const std::string& version) {
    const fs::path releases = machine().state() / "releases";
    const std::string in_use = text_of(machine().status(), "version");
    fs::copy(releases / in_use, releases / version, fs::copy_options::recursive);
    return releases / version;
  }

  // Folders and databases of smoke tests and rehearsals.
  std::size_t scratch_folders() {
    const Json facts = parse_json(read(machine().state() / "services/platform.json")).value();
    std::size_t count = 0;
    for (const auto& entry : fs::directory_iterator(text_of(facts, "run")))
      if (entry.path().filename().string().contains("_scratch_")) ++count;
    return count;
  }
  std::string scratch_databases() {
    harness::EventLoop loop;
    SystemClock clock;
    SystemProcesses processes(clock);
    const auto outcome = loop.run(processes.run(
        {.arguments = {"psql", "-XAt", "-d", text_of(machine().credentials(), "database_url"), "-c",
                       "select count(*) from pg_database where datname like '%scratch%'"}}));
    return outcome ? outcome->output : outcome.error().message;
  }
  static std::string read(const fs::path& path) {
    std::ifstream in(path);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  static inline std::unique_ptr<Machine> shared_;
};

TEST_F(Check, ARunningPlatformIsFitAndEachFaultIsNamed) {
  ASSERT_NO_FATAL_FAILURE(bring_up());
  const Checked healthy = check();
  EXPECT_EQ(healthy.with("fail"), Ids{});
  EXPECT_EQ(healthy.with("skipped"), Ids{"certificates"});
  EXPECT_TRUE(healthy.evidence("smoke-test").contains("ran a workflow"));
  EXPECT_EQ(scratch_folders(), 0u);
  EXPECT_EQ(scratch_databases(), "0\n");

  ASSERT_EQ(machine().supervise("redis", "-d"), 0);
  ASSERT_TRUE(machine().eventually([&] { return machine().processes("redis-server").empty(); }));
  EXPECT_EQ(failures(), Ids{"redis-reachable"});
  ASSERT_EQ(machine().supervise("redis", "-u"), 0);

  ASSERT_EQ(machine().supervise("postgres", "-d"), 0);
  EXPECT_TRUE(machine().eventually(
      [&] { return text_of(machine().component("postgres"), "state") == "stopped"; }));
  const Checked without_database = check();
  EXPECT_EQ(without_database.with("fail"), Ids{"database-reachable"});
  EXPECT_EQ(without_database.checks.size(), healthy.checks.size()) << "all are reported together";
  ASSERT_EQ(machine().supervise("postgres", "-u"), 0);
  ASSERT_TRUE(machine().eventually([&] { return failures().empty(); }));

  const auto lock = machine().state() / "operations/lock";
  const int held = ::open(lock.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  ASSERT_EQ(::flock(held, LOCK_EX), 0);
  EXPECT_EQ(failures(), Ids{"lock"});
  ::close(held);

  fs::permissions(machine().state() / "objects", fs::perms::owner_read | fs::perms::owner_exec);
  EXPECT_EQ(failures(), Ids{"object-store"});
  fs::permissions(machine().state() / "objects", fs::perms::owner_all);

  // A key that everybody knows, given to this process alone.
  machine().set_variable("JWT_SECRET_KEY", "changeme");
  EXPECT_EQ(failures(), Ids{"environment-jwt-secret-key"});
  machine().set_variable("JWT_SECRET_KEY", "");
}

TEST_F(Check, AReleaseIsTriedAndItsMigrationsRehearsedBeforeItIsDeployed) {
  ASSERT_NO_FATAL_FAILURE(bring_up());
  const fs::path dead = copy_release("9.1.0");
  fs::remove(dead / "auterity");
  std::ofstream(dead / "auterity")
      << "#!/bin/sh\n[ \"$1\" = serve ] && echo out of luck >&2\n"
      << "[ \"$1\" = serve ] && exit 3\nexec " << (machine().state() / "releases").string() << "/"
      << text_of(machine().status(), "version") << "/auterity \"$@\"\n";
  fs::permissions(dead / "auterity", fs::perms(0755));
  const Checked tried = check({"--release", "9.1.0"});
  EXPECT_EQ(tried.with("fail"), (Ids{"release", "smoke-test"}));
  EXPECT_EQ(tried.evidence("smoke-test"), "release 9.1.0: it ended with exit code 3: out of luck");

  const fs::path broken = copy_release("9.2.0");
  std::size_t next = 1;
  for (const auto& entry : fs::directory_iterator(broken / "migrations"))
    if (entry.path().string().ends_with(".up.sql")) ++next;
  const std::string name = fmt::format("{:04}_broken", next);
  std::ofstream(broken / "migrations" / (name + ".up.sql"))
      << "CREATE TABLE more (id bigint PRIMARY KEY);\nINSERT INTO more VALUES (1), (1);\n";
  std::ofstream(broken / "migrations" / (name + ".down.sql")) << "DROP TABLE more;\n";
  const Checked rehearsed = check({"--release", "9.2.0"});
  EXPECT_TRUE(rehearsed.evidence("migrations-planned").contains("1 pending: " + name));
  EXPECT_TRUE(rehearsed.evidence("migrations-rehearsed").contains(name + ".up.sql: line 2"))
      << rehearsed.evidence("migrations-rehearsed");

  // Killed in the middle: the replica dies with it, and what it leaves is gone after the next one.
  const pid_t killed = machine().start_auterity({"check"});
  ASSERT_TRUE(machine().eventually([&] { return scratch_folders() == 1; }));
  ::kill(killed, SIGKILL);
  Machine::wait_for(killed);
  EXPECT_TRUE(machine().eventually([&] { return machine().processes("setpriv").empty(); }));
  EXPECT_EQ(failures(), Ids{});
  EXPECT_EQ(scratch_folders(), 0u);
  EXPECT_EQ(scratch_databases(), "0\n");
}

// A killed server leaves its socket: that is no sign of life.
TEST_F(Check, WhenEveryProcessWasKilledItSaysSoAndUpBringsThemBack) {
  ASSERT_NO_FATAL_FAILURE(bring_up());
  for (const pid_t pid : machine().processes()) ::kill(pid, SIGKILL);
  ASSERT_TRUE(machine().eventually([&] { return machine().processes().empty(); }));
  const Checked dead = check();
  EXPECT_EQ(dead.exit_code, 1);
  EXPECT_EQ(text_of(dead.checks.at("database-reachable"), "verdict"), "fail");
  const auto up = machine().auterity({"up"});
  EXPECT_EQ(up.exit_code, 0) << up.error_output;
  EXPECT_EQ(failures(), Ids{});
}

TEST_F(Check, WithoutAPlatformThereIsAReportAndWithABrokenFileTheLine) {
  Machine machine;
  const Checked nothing = check_on(machine);
  EXPECT_EQ(nothing.exit_code, 1);
  EXPECT_EQ(text_of(nothing.checks.at("smoke-test"), "verdict"), "skipped");
  const fs::path folder = machine.home() / "environments";
  fs::create_directories(folder);
  std::ofstream(folder / "development.yml") << "target: local\nclass: development\nportz: 1\n";
  machine.set_variable("AUTERITY_ENVIRONMENTS", folder.string());
  const auto refused = machine.auterity({"check"});
  EXPECT_EQ(refused.exit_code, 2) << refused.error_output;
  EXPECT_TRUE(refused.error_output.contains("development.yml:3")) << refused.error_output;
}

}  // namespace
}  // namespace auterity::end_to_end
