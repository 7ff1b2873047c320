// Operations on a running platform whose program is killed, or stopped, at one step after another:
// what is left is gone on with, taken back or rolled back, and no request is lost meanwhile. In CI
// at some of the steps; CRASH_STRIDE=1 is every one.
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "harness/loopback_port.h"
#include "machine.h"
#include "request_load.h"

namespace auterity::end_to_end {
namespace {

namespace fs = std::filesystem;

constexpr int kStrideInCi = 6;
constexpr const char* kVersion = "7.5.0";

std::string text_of(const Json& value, std::string_view member) {
  return std::string(string_or(find_member(value, member), ""));
}

std::string read_file(const fs::path& path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), {}};
}

class KilledOperations : public testing::Test {
 protected:
  void SetUp() override {
    AUTERITY_NEEDS_PLATFORM();
    // What is judged here is not the release: a busy machine answers this one or that one later.
    machine_.set_variable("AUTERITY_DEPLOY_ANALYSIS_LATENCY_RATIO_PERCENT", "10000");
    const std::string port = std::to_string(harness::find_free_loopback_port());
    url_ = "http://127.0.0.1:" + port;
    const auto up = machine_.auterity({"up", "--port", port, "--replicas", "1", "--workers", "1"});
    ASSERT_EQ(up.exit_code, 0) << up.error_output;
    const Json status = machine_.status();
    in_use_ = text_of(status, "version");
    ASSERT_GT(components_ = find_member(status, "components")->get_array().size(), 1u);
  }

  void build_release() {
    const auto built = machine_.auterity({"release", "build", "--version", kVersion});
    ASSERT_EQ(built.exit_code, 0) << built.error_output;
    versions_ = {in_use_, kVersion};
  }
  // The one of the two that is not in use.
  std::string next_version() const {
    return versions_.front() == in_use_ ? versions_.back() : versions_.front();
  }
  std::vector<std::string> deploy() const {
    return {"deploy", "--version", next_version(), "--canary", "50,100", "--bake", "1"};
  }

  JsonArray planned_steps() {
    auto words = deploy();
    words.insert(words.end(), {"--plan", "--json"});
    const Json plan = machine_.json(words);
    const Json* steps = find_member(plan, "steps");
    return steps == nullptr ? JsonArray() : steps->get_array();
  }

  fs::path latest_journal() const {
    fs::path latest;  // ids begin with their time
    for (const auto& entry : fs::directory_iterator(machine_.state() / "operations"))
      if (entry.path().extension() == ".jsonl") latest = std::max(latest, entry.path());
    return latest;
  }
  // Whether the operation that began after `before` has written such a record of the step.
  bool recorded(const fs::path& before, const std::string& record, const std::string& step) {
    const fs::path journal = latest_journal();
    if (journal == before) return false;
    std::ifstream in(journal);
    for (std::string line; std::getline(in, line);)
      if (line.contains("\"record\":\"" + record + "\"") &&
          line.contains("\"step\":\"" + step + "\""))
        return true;
    return false;
  }

  // Starts a deploy and kills it as soon as the journal shows the record.
  void kill_deploy_at(const std::string& record, const std::string& step) {
    const fs::path before = latest_journal();
    const pid_t program = machine_.start_auterity(deploy());
    EXPECT_TRUE(machine_.eventually([&] { return recorded(before, record, step); }, 90));
    ::kill(program, SIGKILL);
    const int ended = Machine::wait_for(program);
    // The last record may be followed by the end before it is seen.
    EXPECT_TRUE(ended == 128 + SIGKILL || ended == 0) << ended;
  }

  // Each in its turn; answers which version must be in use.
  std::string mend(int turn) {
    const std::string new_version = next_version();
    if (turn % 3 != 0) {
      const auto back = turn % 3 == 1 ? machine_.auterity({"rollback", "--reason", "it was killed"})
                                      : machine_.auterity({"operations", "undo", "latest"});
      if (back.exit_code == 0) return in_use_;
      EXPECT_EQ(back.exit_code, 5) << back.error_output;
      EXPECT_TRUE(back.error_output.contains("cannot be taken back")) << back.error_output;
    }
    const auto on = machine_.auterity({"operations", "resume", "latest"});
    EXPECT_TRUE(on.exit_code == 0 || on.error_output.contains("has ended: done"))
        << on.error_output;
    return new_version;
  }

  // One pool with all requests, its processes and the services alone, the web files and the API of
  // `version`.
  void expect_in_use(const std::string& version) {
    const Json status = machine_.status();
    EXPECT_EQ(text_of(status, "version"), version);
    EXPECT_EQ(text_of(status, "health"), "healthy") << to_text(status);
    EXPECT_EQ(find_member(status, "components")->get_array().size(), components_)
        << to_text(status);
    const auto kept = parse_json(read_file(machine_.state() / "services/platform.json"));
    ASSERT_TRUE(kept);
    const JsonArray& pools = find_member(*kept, "pools")->get_array();
    ASSERT_EQ(pools.size(), 1u) << to_text(*kept);
    EXPECT_EQ(text_of(pools[0], "version"), version);
    HttpRequest page;
    page.url = url_ + "/";
    const auto answer = machine_.send(std::move(page));
    ASSERT_TRUE(answer);
    const std::string* release = find_header(answer->headers, "X-Auterity-Release");
    ASSERT_NE(release, nullptr);
    EXPECT_EQ(*release, version);
    for (const std::string& there : versions_)
      EXPECT_TRUE(fs::exists(machine_.state() / "releases" / there / "manifest.json")) << there;
  }

  Machine machine_;
  std::string url_, in_use_;
  std::vector<std::string> versions_;
  std::size_t components_ = 0;
};

TEST_F(KilledOperations, ADeployKilledAtEachStepEndsWithOnePoolAndLosesNoRequest) {
  ASSERT_NO_FATAL_FAILURE(build_release());
  JsonArray steps = planned_steps();
  ASSERT_GT(steps.size(), 12u);
  const char* given = std::getenv("CRASH_STRIDE");
  const std::size_t stride = given == nullptr ? kStrideInCi : std::max(1, std::atoi(given));
  RequestLoad load(url_ + "/api/health/readiness", {}, 2);
  int turn = 0;
  for (std::size_t place = 1; place < 2 * steps.size(); place += stride, ++turn) {
    steps = planned_steps();  // of the colour that is next
    ASSERT_GT(steps.size(), place / 2);
    const std::string step = text_of(steps[place / 2], "name");
    const char* record = place % 2 == 0 ? "began" : "done";
    SCOPED_TRACE(testing::Message() << "killed at " << record << " of " << step);
    kill_deploy_at(record, step);
    EXPECT_EQ(machine_.get(url_ + "/api/health/readiness"), 200);
    in_use_ = mend(turn);
    expect_in_use(in_use_);
    if (HasFailure()) break;
  }
  EXPECT_GE(turn, HasFailure() ? 0 : 5);
  const auto outcome = load.stop();
  EXPECT_GT(outcome.sent, 100);
  for (const auto& [why, count] : outcome.failed) ADD_FAILURE() << count << " requests: " << why;
}

// It sleeps while somebody who takes it for dead removes its lock and works.
TEST_F(KilledOperations, AHolderThatSleptThroughTheLossOfItsLockStopsAtItsNextStep) {
  const pid_t first = machine_.start_auterity({"restart", "backend", "--reason", "first"});
  ASSERT_TRUE(machine_.comes_to({"restart-blue-api-1"}));
  ASSERT_EQ(::kill(first, SIGSTOP), 0);
  const auto second = machine_.auterity({"restart", "redis", "--reason", "second"});
  EXPECT_EQ(second.exit_code, 5) << second.output;
  for (const std::string& said :
       {std::string("restart is running"), "pid " + std::to_string(first), std::string("since 20"),
        std::string("now at step restart-blue-api-1")})
    EXPECT_TRUE(second.error_output.contains(said)) << said << ": " << second.error_output;

  fs::remove(machine_.state() / "operations/lock");
  const auto third = machine_.auterity({"operations", "resume", "latest"});
  EXPECT_EQ(third.exit_code, 0) << third.error_output;
  const fs::path journal = latest_journal();
  const std::string written = read_file(journal);
  const Json redis = machine_.component("redis");
  ASSERT_EQ(::kill(first, SIGCONT), 0);
  EXPECT_EQ(Machine::wait_for(first), 5) << "conflict";
  EXPECT_TRUE(read_file(journal).starts_with(written));
  EXPECT_EQ(machine_.component("redis"), redis);
  EXPECT_EQ(text_of(machine_.status(), "health"), "healthy");
  EXPECT_EQ(machine_.auterity({"restart", "redis"}).exit_code, 0) << "nothing is left unfinished";
}

}  // namespace
}  // namespace auterity::end_to_end
