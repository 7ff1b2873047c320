// Components started anew while the platform is used.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <boost/json.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "harness/loopback_port.h"
#include "machine.h"
#include "request_load.h"

namespace auterity::end_to_end {
namespace {

namespace fs = std::filesystem;

constexpr int kUnderWay = 200;

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
    for (const std::string& name : names) found.push_back(machine_.pid_of(name));
    return found;
  }

  std::string lease() const {
    std::ifstream in(machine_.state() / "operations/lease.json");
    return {std::istreambuf_iterator<char>(in), {}};
  }

  Machine machine_;
  std::string url_;
};

TEST_F(Restart, BackendRollsUnderLoadWithoutLosingARequest) {
  const std::vector<std::string> processes{"api-1", "api-2", "worker-1"};
  const auto before = pids(processes);
  RequestLoad load(url_ + "/api/workflows", {{"authorization", "Bearer " + machine_.token(url_)}});
  ASSERT_TRUE(machine_.eventually([&] { return load.sent() > kUnderWay; }));
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
  const fs::path evidence =
      machine_.state() / "operations" / std::string(string_or(find_member(operation, "id"), ""));
  for (const char* file : {"status.json", "haproxy.txt", "database-sessions.csv", "postgres.log"})
    EXPECT_GT(fs::file_size(evidence / file), 0u) << file;
}

TEST_F(Restart, AllComesBackHealthyAndAnUnknownComponentIsRefused) {
  const std::vector<std::string> processes{"postgres", "redis",    "api-1",
                                           "api-2",    "worker-1", "nginx"};
  const auto before = pids(processes);
  const auto restarted = machine_.auterity({"restart", "all"});
  EXPECT_EQ(restarted.exit_code, 0) << restarted.error_output;
  const auto after = pids(processes);
  for (std::size_t i = 0; i < processes.size(); ++i) EXPECT_NE(after[i], before[i]) << processes[i];
  EXPECT_EQ(machine_.get(url_ + "/api/health/readiness"), 200);

  const auto refused = machine_.auterity({"restart", "databse"});
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_THAT(refused.error_output, testing::HasSubstr("frontend"));
  EXPECT_THAT(refused.error_output, testing::HasSubstr("database"));
  EXPECT_EQ(machine_.auterity({"restart"}).exit_code, 2);
}

TEST_F(Restart, KilledInTheMiddleItIsResumedAndRestartsNothingTwice) {
  const pid_t running = machine_.start_auterity({"restart", "backend"});
  ASSERT_TRUE(machine_.eventually([&] {
    return lease().contains("\"step\": \"return-blue-api-1\"") ||
           lease().contains("\"step\": \"drain-blue-api-2\"");
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
