// What is killed comes back by itself; what kills an operation leaves it resumable.
#include <gtest/gtest.h>
#include <pwd.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <boost/json.hpp>
#include <fstream>
#include <iterator>

#include "harness/loopback_port.h"
#include "machine.h"

namespace auterity::end_to_end {
namespace {

class Faults : public ::testing::Test {
 protected:
  void SetUp() override { AUTERITY_NEEDS_PLATFORM(); }

  void start(Machine& machine) {
    port_ = std::to_string(harness::find_free_loopback_port());
    url_ = "http://127.0.0.1:" + port_;
    const auto up = machine.auterity({"up", "--port", port_});
    ASSERT_EQ(up.exit_code, 0) << up.error_output;
  }

  bool healthy(Machine& machine) { return machine.get(url_ + "/api/health/readiness") == 200; }

  std::string port_;
  std::string url_;
};

TEST_F(Faults, EveryComponentComesBackAfterKill9) {
  Machine machine;
  ASSERT_NO_FATAL_FAILURE(start(machine));
  for (const std::string name : {"api-1", "worker-1", "postgres", "redis", "nginx", "haproxy"}) {
    const pid_t before = machine.pid_of(name);
    ASSERT_GT(before, 0) << name;
    ASSERT_EQ(::kill(before, SIGKILL), 0);
    EXPECT_TRUE(machine.eventually([&] {
      const Json now = machine.component(name);
      return string_or(find_member(now, "state"), "") == "running" &&
             machine.pid_of(name) != before;
    })) << name;
    EXPECT_TRUE(machine.eventually([&] { return healthy(machine); })) << name;
    EXPECT_EQ(find_member(machine.component(name), "restarts")->to_number<int>(), 1) << name;
  }
  EXPECT_NE(machine.auterity({"up"}).output.find("nothing to do"), std::string::npos);
}

TEST_F(Faults, ServicesOutliveTheirSupervisorAndUpAdoptsThem) {
  Machine machine;
  ASSERT_NO_FATAL_FAILURE(start(machine));
  const pid_t postgres = machine.pid_of("postgres");
  const auto supervisors = machine.processes("s6-svscan");
  ASSERT_EQ(supervisors.size(), 1u);
  ASSERT_EQ(::kill(supervisors[0], SIGKILL), 0);
  ASSERT_TRUE(machine.eventually(
      [&] { return string_or(find_member(machine.status(), "supervisor"), "") == "gone"; }));
  EXPECT_TRUE(healthy(machine)) << "services go on";

  const auto up = machine.auterity({"up"});
  ASSERT_EQ(up.exit_code, 0) << up.error_output;
  EXPECT_EQ(string_or(find_member(machine.status(), "supervisor"), ""), "running");
  EXPECT_EQ(machine.pid_of("postgres"), postgres) << "adopted, not restarted";

  // The old supervisor of a service dies, too: the new s6-svscan takes the service over.
  const pid_t api = machine.pid_of("api-1");
  for (const pid_t pid : machine.processes("s6-supervise")) {
    std::ifstream in("/proc/" + std::to_string(pid) + "/cmdline");
    const std::string line{std::istreambuf_iterator<char>(in), {}};
    if (line.ends_with(std::string("\0blue-api-1\0", 12))) ::kill(pid, SIGKILL);
  }
  EXPECT_TRUE(machine.eventually([&] {
    const pid_t now = machine.pid_of("api-1");
    return now > 0 && now != api && healthy(machine);
  }));
  const auto left = machine.processes("auterity");
  EXPECT_EQ(std::ranges::find(left, api), left.end()) << "the instance that nobody watched is gone";
  ASSERT_EQ(machine.auterity({"down"}).exit_code, 0);
  EXPECT_TRUE(machine.processes().empty());
}

TEST_F(Faults, AnInterruptedUpIsResumedAndAKilledOneUndone) {
  Machine machine;
  const std::string port = std::to_string(harness::find_free_loopback_port());
  const std::string url = "http://127.0.0.1:" + port;
  pid_t up = machine.start_auterity({"up", "--port", port});
  ASSERT_TRUE(machine.comes_to({"postgres-cluster"}));
  ASSERT_EQ(::kill(up, SIGINT), 0);
  EXPECT_EQ(Machine::wait_for(up), 130);
  const auto list = machine.auterity({"operations", "list"});
  EXPECT_NE(list.output.find("interrupted"), std::string::npos) << list.output;

  up = machine.start_auterity({"operations", "resume", "latest"});
  ASSERT_TRUE(machine.comes_to({"blue-api-1"}));
  ASSERT_EQ(::kill(up, SIGKILL), 0);
  EXPECT_EQ(Machine::wait_for(up), 128 + SIGKILL);
  const auto undone = machine.auterity({"operations", "undo", "latest"});
  EXPECT_EQ(undone.exit_code, 0) << undone.error_output;
  EXPECT_TRUE(machine.processes().empty()) << "what it had started was taken back";

  const auto again = machine.auterity({"up"});
  EXPECT_EQ(again.exit_code, 0) << again.error_output;
  EXPECT_EQ(machine.get(url + "/api/health/readiness"), 200);
}

TEST_F(Faults, UpWhileUpRunsIsRefusedAndDisturbsNothing) {
  Machine machine;
  const std::string port = std::to_string(harness::find_free_loopback_port());
  const pid_t first = machine.start_auterity({"up", "--port", port});
  ASSERT_TRUE(machine.comes_to({"postgres-cluster"}));
  // Held there, so that the second meets it however slow this machine is.
  ASSERT_EQ(::kill(first, SIGSTOP), 0);
  const auto second = machine.auterity({"up", "--port", port});
  ASSERT_EQ(::kill(first, SIGCONT), 0);
  EXPECT_EQ(second.exit_code, 5) << second.output;
  EXPECT_NE(second.error_output.find("up is running in this environment"), std::string::npos)
      << second.error_output;
  EXPECT_NE(second.error_output.find("pid " + std::to_string(first)), std::string::npos)
      << second.error_output;
  EXPECT_NE(second.error_output.find("hint: wait until it has ended"), std::string::npos)
      << second.error_output;
  EXPECT_EQ(Machine::wait_for(first), 0);
  EXPECT_EQ(machine.get("http://127.0.0.1:" + port + "/api/health/readiness"), 200);
}

std::filesystem::path latest_journal(const Machine& machine) {
  std::filesystem::path latest;  // ids begin with their time
  for (const auto& entry : std::filesystem::directory_iterator(machine.state() / "operations"))
    if (entry.path().extension() == ".jsonl") latest = std::max(latest, entry.path());
  return latest;
}

std::size_t records(const std::filesystem::path& journal) {
  std::ifstream in(journal);
  return static_cast<std::size_t>(
      std::count(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>(), '\n'));
}

TEST_F(Faults, ADownThatWasKilledIsUndoneOrResumed) {
  Machine machine;
  ASSERT_NO_FATAL_FAILURE(start(machine));
  const auto kill_down_at = [&](std::size_t record) {
    const auto before = latest_journal(machine);
    const pid_t down = machine.start_auterity({"down"});
    ASSERT_TRUE(machine.eventually([&] {
      return latest_journal(machine) != before && records(latest_journal(machine)) >= record;
    }));
    ::kill(down, SIGKILL);
    EXPECT_EQ(Machine::wait_for(down), 128 + SIGKILL);
    EXPECT_NE(machine.auterity({"operations", "list"}).output.find("interrupted"),
              std::string::npos);
  };
  kill_down_at(4);
  const auto undone = machine.auterity({"operations", "undo", "latest"});
  EXPECT_EQ(undone.exit_code, 0) << undone.error_output;
  EXPECT_TRUE(healthy(machine)) << "what was stopped runs again";

  kill_down_at(13);
  const auto resumed = machine.auterity({"operations", "resume", "latest"});
  EXPECT_EQ(resumed.exit_code, 0) << resumed.error_output;
  EXPECT_TRUE(machine.processes().empty());
  EXPECT_NE(machine.auterity({"down"}).output.find("nothing to do"), std::string::npos);
}

TEST_F(Faults, AnOrdinaryUserNeedsNoRoot) {
  if (::geteuid() != 0) GTEST_SKIP() << "every test here runs as an ordinary user already";
  if (::getpwnam("auterity") == nullptr)
    GTEST_SKIP() << "there is no unprivileged user auterity; run tools/setup run";
  // Root's platform leaves a release folder that others can read: the user starts from there.
  Machine root;
  const auto release = root.home() / "release";
  std::filesystem::create_directories(release);
  const auto source = std::filesystem::path(harness::program_path());
  std::filesystem::copy(source, release / "auterity");
  for (auto folder = source.parent_path(); folder != folder.root_path();
       folder = folder.parent_path())
    if (std::filesystem::exists(folder / "migrations")) {
      for (const std::string part : {"migrations", "web"})
        std::filesystem::copy(folder / part, release / part,
                              std::filesystem::copy_options::recursive);
      break;
    }
  std::filesystem::permissions(root.home(), std::filesystem::perms(0755));

  Machine machine("auterity");
  machine.set_program(release / "auterity");
  ASSERT_NO_FATAL_FAILURE(start(machine));
  EXPECT_TRUE(healthy(machine));
  const auto check = machine.auterity({"check"});
  EXPECT_EQ(check.exit_code, 0) << check.output;
  EXPECT_EQ(machine.auterity({"down"}).exit_code, 0);
  EXPECT_TRUE(machine.processes().empty());
}

}  // namespace
}  // namespace auterity::end_to_end
