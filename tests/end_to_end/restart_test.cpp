// Components started anew while the platform is used.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <boost/json.hpp>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "core/disk_files.h"
#include "harness/loopback_port.h"
#include "machine.h"
#include "operations/journal/file_lock.h"
#include "request_load.h"
#include "targets/local/haproxy_admin.h"
#include "targets/local/haproxy_servers.h"

namespace auterity::end_to_end {
namespace {

namespace fs = std::filesystem;

constexpr int kUnderWay = 200;

std::string text_of(const Json& value, std::string_view member) {
  return std::string(string_or(find_member(value, member), ""));
}

class Restart : public testing::Test {
 protected:
  void SetUp() override {
    AUTERITY_NEEDS_PLATFORM();
    const std::string port = std::to_string(harness::find_free_loopback_port());
    url_ = "http://127.0.0.1:" + port;
    const auto up = machine_.auterity({"up", "--port", port});
    ASSERT_EQ(up.exit_code, 0) << up.error_output;
  }

  std::vector<pid_t> pids(const std::vector<std::string>& names) {
    std::vector<pid_t> found;
    found.reserve(names.size());
    for (const std::string& name : names) found.push_back(machine_.pid_of(name));
    return found;
  }

  fs::path redis_socket() {
    const std::string url = text_of(machine_.credentials(), "redis_url");  // unix://SOCKET?…
    return url.substr(std::strlen("unix://"), url.find('?') - 7);
  }

  // "UP", "DOWN", "MAINT" … of a replica.
  std::string seen_by_haproxy(const std::string& name) {
    harness::EventLoop loop;
    SystemClock clock;
    const auto table = loop.run(local::haproxy_command(
        clock, redis_socket().parent_path() / "haproxy-admin.sock", "show stat api 4 -1"));
    const auto servers =
        table ? local::parse_servers(*table) : std::vector<local::BalancerServer>{};
    if (!servers) return servers.error().message;
    for (const local::BalancerServer& server : *servers)
      if (server.name == name) return server.status;
    return "nothing";
  }

  // What the platform's Redis answers.
  std::string redis(std::vector<std::string> command) {
    const std::string url = text_of(machine_.credentials(), "redis_url");
    std::vector<std::string> arguments{"redis-cli", "-s", redis_socket().string()};
    arguments.insert(arguments.end(), command.begin(), command.end());
    harness::EventLoop loop;
    SystemClock clock;
    SystemProcesses processes(clock);
    const auto outcome = loop.run(
        processes.run({.arguments = std::move(arguments),
                       .environment = {{"REDISCLI_AUTH", url.substr(url.find("password=") + 9)}}}));
    return outcome ? outcome->output : outcome.error().message;
  }

  Machine machine_;
  std::string url_;
};

TEST_F(Restart, BackendRollsUnderLoadWithoutLosingARequestAndLeavesItsTraces) {
  const std::vector<std::string> processes{"api-1", "api-2", "worker-1"};
  const auto before = pids(processes);
  RequestLoad load(url_ + "/api/workflows", {{"authorization", "Bearer " + machine_.token(url_)}});
  ASSERT_TRUE(machine_.eventually([&] { return load.sent() > kUnderWay; }));
  machine_.set_variable("SUDO_USER", "ada");
  const auto restarted = machine_.auterity({"restart", "backend", "--reason", "to see it roll"});
  EXPECT_EQ(restarted.exit_code, 0) << restarted.error_output;
  const int sent = load.sent();
  EXPECT_TRUE(machine_.eventually([&] { return load.sent() > sent + kUnderWay; }));
  const auto outcome = load.stop();
  EXPECT_TRUE(outcome.failed.empty())
      << testing::PrintToString(outcome.failed) << " of " << outcome.sent;
  const auto after = pids(processes);
  for (std::size_t i = 0; i < processes.size(); ++i) EXPECT_NE(after[i], before[i]) << processes[i];

  const Json operation = machine_.json({"operations", "show", "latest"});
  EXPECT_THAT(text_of(operation, "who"), testing::MatchesRegex("ada \\(as .+\\)@.+ pid [0-9]+"));
  EXPECT_EQ(text_of(operation, "why"), "to see it roll");
  EXPECT_EQ(text_of(operation, "program"), "auterity " + text_of(machine_.status(), "version"));
  HttpRequest asked;
  asked.url = url_ + "/api/operations/" + text_of(operation, "id");
  asked.headers = {{"authorization", "Bearer " + machine_.token(url_)}};
  const auto answer = machine_.send(std::move(asked));
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->body, to_text(operation)) << "the API tells the same";
  const Json& first = find_member(operation, "steps")->get_array().front();
  EXPECT_EQ(text_of(first, "name"), "evidence");
  const fs::path evidence = machine_.state() / "operations" / text_of(operation, "id");
  EXPECT_EQ(text_of(first, "evidence"), "kept in " + evidence.string());
  for (const char* file : {"status.json", "haproxy.txt", "database-sessions.csv", "postgres.log"})
    EXPECT_GT(fs::file_size(evidence / file), 0u) << file;
}

TEST_F(Restart, AReplicaThatHangsAndGetsNoRequestsAnyMoreIsRestarted) {
  const pid_t hangs = machine_.pid_of("api-1");
  ASSERT_EQ(::kill(hangs, SIGSTOP), 0);
  ASSERT_TRUE(machine_.eventually([&] { return seen_by_haproxy("blue-api-1") == "DOWN"; }));
  const auto restarted = machine_.auterity({"restart", "backend"});
  EXPECT_EQ(restarted.exit_code, 0) << restarted.error_output;
  EXPECT_NE(machine_.pid_of("api-1"), hangs);
  for (const char* name : {"blue-api-1", "blue-api-2"})
    EXPECT_THAT(seen_by_haproxy(name), testing::StartsWith("UP")) << name;
}

TEST_F(Restart, OfProductionIsAskedForAndAnotherOperationIsWaitedFor) {
  const std::vector<std::string> everything{"postgres", "redis", "api-1", "worker-1", "nginx"};
  const auto before = pids(everything);
  const fs::path folder = machine_.home() / "environments.d";
  fs::create_directories(folder);
  std::ofstream(folder / "development.yml") << "environment: development\nclass: production\n";
  machine_.set_variable("AUTERITY_ENVIRONMENTS", folder.string());
  const auto unconfirmed = machine_.auterity({"restart", "all"});
  EXPECT_EQ(unconfirmed.exit_code, 2) << unconfirmed.error_output;
  EXPECT_THAT(unconfirmed.error_output, testing::HasSubstr("--yes"));

  DiskFiles files;
  SystemClock clock;
  operations::FileLock lock(files, clock, machine_.state() / "operations");
  ASSERT_TRUE(lock.acquire("ada@sea pid 7", "deploy"));
  ASSERT_TRUE(lock.renew("canary-50"));
  const auto locked = machine_.auterity({"restart", "all", "--yes"});
  EXPECT_EQ(locked.exit_code, 5) << locked.error_output;
  for (const char* fact : {"ada@sea pid 7", "deploy", "canary-50"})
    EXPECT_THAT(locked.error_output, testing::HasSubstr(fact));
  EXPECT_EQ(pids(everything), before);
}

TEST_F(Restart, AllComesBackHealthyWithWhatRedisHeldAndAnUnknownComponentIsRefused) {
  EXPECT_EQ(redis({"set", "kept-over-a-restart", "yes"}), "OK\n");
  const std::vector<std::string> processes{"postgres", "redis",    "api-1",
                                           "api-2",    "worker-1", "nginx"};
  const auto before = pids(processes);
  const auto restarted = machine_.auterity({"restart", "all"});
  EXPECT_EQ(restarted.exit_code, 0) << restarted.error_output;
  const auto after = pids(processes);
  for (std::size_t i = 0; i < processes.size(); ++i) EXPECT_NE(after[i], before[i]) << processes[i];
  EXPECT_EQ(machine_.get(url_ + "/api/health/readiness"), 200);
  EXPECT_EQ(redis({"get", "kept-over-a-restart"}), "yes\n");

  const auto refused = machine_.auterity({"restart", "databse"});
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_THAT(refused.error_output, testing::HasSubstr("frontend"));
  EXPECT_THAT(refused.error_output, testing::HasSubstr("database"));
  EXPECT_EQ(machine_.auterity({"restart"}).exit_code, 2);
}

TEST_F(Restart, KilledInTheMiddleItIsResumedAndRestartsNothingTwice) {
  const pid_t running = machine_.start_auterity({"restart", "backend"});
  ASSERT_TRUE(machine_.eventually([&] {
    return machine_.lease().contains("\"step\": \"return-blue-api-1\"") ||
           machine_.lease().contains("blue-api-2\"");
  }));
  ASSERT_EQ(::kill(running, SIGKILL), 0);
  EXPECT_EQ(Machine::wait_for(running), 128 + SIGKILL);
  const pid_t first = machine_.pid_of("api-1");
  const auto resumed = machine_.auterity({"operations", "resume", "latest"});
  EXPECT_EQ(resumed.exit_code, 0) << resumed.error_output;
  EXPECT_EQ(machine_.pid_of("api-1"), first);
  EXPECT_EQ(machine_.get(url_ + "/api/health/readiness"), 200);
}

}  // namespace
}  // namespace auterity::end_to_end
