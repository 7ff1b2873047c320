// Sizes that the platform changes by itself, and the process that does so over the life of
// releases.
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

std::string text_of(const Json& value, std::string_view member) {
  return std::string(string_or(find_member(value, member), ""));
}

int number_of(const Json& value, std::string_view member) {
  const Json* found = find_member(value, member);
  return found != nullptr && found->is_number() ? found->to_number<int>() : -1;
}

class Autoscale : public testing::Test {
 protected:
  void SetUp() override { AUTERITY_NEEDS_PLATFORM(); }

  void start_platform(const std::vector<std::string>& sizes = {}) {
    const std::string port = std::to_string(harness::find_free_loopback_port());
    url_ = "http://127.0.0.1:" + port;
    std::vector<std::string> arguments{"up", "--port", port};
    arguments.insert(arguments.end(), sizes.begin(), sizes.end());
    run(std::move(arguments));
  }

  void write_environment_file(std::string_view text) {
    const fs::path folder = machine_.home() / "environments.d";
    fs::create_directories(folder);
    std::ofstream(folder / "development.yml") << text;
    machine_.set_variable("AUTERITY_ENVIRONMENTS", folder.string());
  }

  void run(std::vector<std::string> arguments) {
    const std::string command = testing::PrintToString(arguments);
    const auto outcome = machine_.auterity(std::move(arguments));
    ASSERT_EQ(outcome.exit_code, 0) << command << outcome.error_output;
  }

  bool runs(const std::string& name) {
    return text_of(machine_.component(name), "state") == "running";
  }

  // Those that the autoscaler began, oldest first, whole.
  std::vector<Json> its_operations() {
    std::vector<Json> found;
    const Json list = machine_.json({"operations", "list"});
    for (const Json& item : find_member(list, "items")->get_array())
      if (text_of(item, "who").starts_with("autoscaler "))
        found.insert(found.begin(), machine_.json({"operations", "show", text_of(item, "id")}));
    return found;
  }

  // The release that the autoscaler's process runs from.
  std::string its_release() {
    const pid_t pid = machine_.pid_of("autoscaler");
    std::error_code unreadable;
    const fs::path program = fs::read_symlink("/proc/" + std::to_string(pid) + "/exe", unreadable);
    return program.parent_path().filename().string();
  }

  Machine machine_;
  std::string url_;
};

// Killed in the middle of growing it goes on with that when it is started again.
TEST_F(Autoscale, GrowsUnderLoadAndShrinksAfterItByItselfAndTheJournalSaysWhy) {
  write_environment_file(
      "environment: development\n"
      "app_min_capacity: 1\n"
      "app_max_capacity: 3\n"
      "app_desired_capacity: 1\n"
      "scale_up_threshold: 5\n"
      "scale_down_threshold: 4\n"
      "autoscaling:\n"
      "  interval_s: 1\n"
      "  scale_up_cooldown_s: 1\n"
      "  scale_down_cooldown_s: 2\n"
      "  latency_ms: 60000\n");
  ASSERT_NO_FATAL_FAILURE(start_platform());
  ASSERT_NO_FATAL_FAILURE(run({"autoscale", "on"}));
  EXPECT_TRUE(its_operations().empty()) << "nobody asks for anything yet";

  RequestLoad load(url_ + "/api/workflows", {{"authorization", "Bearer " + machine_.token(url_)}});
  const pid_t autoscaler = machine_.pid_of("autoscaler");
  EXPECT_TRUE(machine_.eventually([&] { return machine_.lease().contains("start-blue-api-2"); }));
  ASSERT_EQ(::kill(autoscaler, SIGKILL), 0);
  EXPECT_TRUE(machine_.eventually([&] { return runs("api-3"); })) << "scale_up_adjustment is 2";
  const auto outcome = load.stop();
  EXPECT_TRUE(outcome.failed.empty()) << testing::PrintToString(outcome.failed);

  EXPECT_TRUE(machine_.eventually([&] { return machine_.component("api-2").is_null(); }, 60));
  EXPECT_TRUE(runs("api-1"));
  ASSERT_NO_FATAL_FAILURE(run({"autoscale", "off"}));

  const auto operations = its_operations();
  ASSERT_EQ(operations.size(), 3u) << "up by two, down by one, down by one, never below one";
  const Json resumed = *find_member(operations[0], "continuations");
  ASSERT_EQ(resumed.get_array().size(), 1u) << to_text(operations[0]);
  EXPECT_THAT(text_of(resumed.get_array()[0], "who"), testing::StartsWith("autoscaler "));
  const std::vector<std::pair<int, int>> sizes{{1, 3}, {3, 2}, {2, 1}};
  for (std::size_t i = 0; i < operations.size(); ++i) {
    const Json& operation = operations[i];
    EXPECT_EQ(text_of(operation, "state"), "done");
    EXPECT_FALSE(text_of(operation, "finished_at").empty());
    const Json request = *find_member(operation, "request");
    EXPECT_EQ(number_of(request, "old_api"), sizes[i].first);
    EXPECT_EQ(number_of(request, "api"), sizes[i].second);
    EXPECT_THAT(text_of(operation, "why"),
                testing::ContainsRegex(i == 0 ? "^autoscaling: CPU [0-9]+ %"
                                              : "^autoscaling: calm for 2 s: CPU [0-9]+ %"));
  }
}

TEST_F(Autoscale, RunsFromTheReleaseInUseAndSizesOutliveADeployARollbackAndARestart) {
  write_environment_file(
      "environment: development\n"
      "app_desired_capacity: 1\n"
      "deploy:\n"
      "  canary_steps: [100]\n"
      "  bake_s: 1\n");
  ASSERT_NO_FATAL_FAILURE(start_platform({"--replicas", "2", "--workers", "2"}));
  const std::string old_version = text_of(machine_.status(), "version");
  ASSERT_NO_FATAL_FAILURE(run({"autoscale", "on"}));
  EXPECT_EQ(its_release(), old_version);
  const auto expect_sizes = [&](const std::string& version) {
    EXPECT_EQ(text_of(machine_.status(), "version"), version);
    EXPECT_EQ(its_release(), version);
    for (const char* name : {"api-1", "api-2", "worker-1", "worker-2", "autoscaler"})
      EXPECT_TRUE(runs(name)) << name << " under " << version;
    for (const char* name : {"api-3", "worker-3"})
      EXPECT_TRUE(machine_.component(name).is_null()) << name << " under " << version;
  };
  ASSERT_NO_FATAL_FAILURE(run({"release", "build", "--version", "7.4.0"}));
  ASSERT_NO_FATAL_FAILURE(run({"deploy"}));
  expect_sizes("7.4.0");
  ASSERT_NO_FATAL_FAILURE(run({"rollback"}));
  expect_sizes(old_version);
  ASSERT_NO_FATAL_FAILURE(run({"restart", "backend"}));
  expect_sizes(old_version);
}

}  // namespace
}  // namespace auterity::end_to_end
