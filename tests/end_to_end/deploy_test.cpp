// A release that does harm is turned back by itself, and a deploy that was cut off is gone on with
// or undone; every acknowledged execution ends all the same. Bad releases are wrappers around the
// program: the product has no switch for faults. Good ones are in deploys_in_a_row_test.cpp.
#include <gtest/gtest.h>
#include <signal.h>

#include <boost/json.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "harness/loopback_port.h"
#include "harness/program.h"
#include "harness/source_folder.h"
#include "machine.h"
#include "start_load.h"

namespace auterity::end_to_end {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kWorkflow = R"(
document: {dsl: '1.0.3', namespace: tests, name: deployed-over, version: '1.0.0'}
do:
  - prepare: {set: {number: '${ .number }', sleeps: '${ .sleeps }'}}
  - choose:
      switch:
        - sleeper: {when: '${ .sleeps }', then: sleep}
        - otherwise: {then: finish}
  - sleep: {wait: {seconds: 3}}
  - finish: {set: {seen: '${ .number }'}}
)";

std::string text_of(const Json& value, std::string_view member) {
  return std::string(string_or(find_member(value, member), ""));
}

class Deploy : public testing::Test {
 protected:
  void SetUp() override {
    AUTERITY_NEEDS_PLATFORM();
    const std::string port = std::to_string(harness::find_free_loopback_port());
    url_ = "http://127.0.0.1:" + port;
    machine_.set_variable(kLatencyRatio, "10000");
    const auto up = machine_.auterity({"up", "--port", port, "--replicas", "2", "--workers", "1"});
    ASSERT_EQ(up.exit_code, 0) << up.error_output;
    old_version_ = text_of(machine_.status(), "version");
    token_ = machine_.token(url_);
    HttpRequest request;
    request.method = "POST";
    request.url = url_ + "/api/workflows";
    request.headers = {{"authorization", "Bearer " + token_}, {"content-type", "application/yaml"}};
    request.body = kWorkflow;
    const auto answer = machine_.send(std::move(request));
    ASSERT_TRUE(answer) << answer.error().message;
    ASSERT_EQ(answer->status, 201) << answer->body;
    workflow_id_ = text_of(*parse_json(answer->body), "id");
  }

  void build_release(const std::string& version, const fs::path& program = {}) {
    std::vector<std::string> arguments{"release", "build", "--version", version};
    if (!program.empty()) arguments.insert(arguments.end(), {"--program", program.string()});
    const auto built = machine_.auterity(std::move(arguments));
    ASSERT_EQ(built.exit_code, 0) << built.error_output;
  }

  // With one more file, whose name says what is in it, as a build of the web interface names them.
  void build_release_with_asset(const std::string& version, const std::string& asset) {
    const fs::path tree = machine_.home() / ("tree-" + version);
    fs::create_directories(tree / "build");
    for (const char* folder : {"web", "migrations"})
      fs::copy(harness::source_folder() / folder, tree / folder, fs::copy_options::recursive);
    fs::copy_file(harness::program_path(), tree / "build/auterity");
    fs::create_directories(tree / "web/assets");
    std::ofstream(tree / "web/assets" / asset) << "main {}\n";
    build_release(version, tree / "build/auterity");
  }

  // Of which release the pages are.
  std::string web_release() {
    HttpRequest request;
    request.url = url_ + "/";
    const auto answer = machine_.send(std::move(request));
    const std::string* release =
        answer ? find_header(answer->headers, "X-Auterity-Release") : nullptr;
    return release == nullptr ? "" : *release;
  }

  pid_t start_deploy(const std::string& version, const std::string& canary,
                     const std::string& bake) {
    return machine_.start_auterity(
        {"deploy", "--version", version, "--canary", canary, "--bake", bake});
  }

  Json fetch(const std::string& target) {
    HttpRequest request;
    request.url = url_ + target;
    request.headers = {{"authorization", "Bearer " + token_}};
    const auto answer = machine_.send(std::move(request));
    if (!answer || answer->status != 200) return nullptr;
    const auto body = parse_json(answer->body);
    return body ? *body : Json(nullptr);
  }

  void expect_in_use(const std::string& version) {
    const Json status = machine_.status();
    EXPECT_EQ(text_of(status, "version"), version);
    EXPECT_EQ(text_of(status, "health"), "healthy");
    for (const Json& component : find_member(status, "components")->get_array())
      EXPECT_EQ(text_of(component, "name").find("green"), std::string::npos) << to_text(component);
    EXPECT_EQ(text_of(fetch("/api/health"), "version"), version);
  }

  Machine machine_;
  std::string url_, token_, workflow_id_, old_version_;
};

TEST_F(Deploy, KilledItIsUndoneOrGoneOnWith) {
  ASSERT_NO_FATAL_FAILURE(build_release("7.2.0"));
  // A wish that an earlier deploy turns back is not meant for the next one. Without a version the
  // newest release is meant.
  std::ofstream(machine_.state() / "operations/turn-back.json")
      << R"({"who": "ada", "why": "", "deploy": "an earlier one"})";
  const auto plan = machine_.auterity({"deploy", "--plan"});
  EXPECT_EQ(plan.exit_code, 0) << plan.error_output;
  EXPECT_NE(plan.output.find("answering as 7.2.0"), std::string::npos) << plan.output;
  pid_t deploy = start_deploy("7.2.0", "50,100", "1");
  ASSERT_TRUE(machine_.comes_to({"canary-50"}));
  ASSERT_EQ(::kill(deploy, SIGKILL), 0);
  EXPECT_EQ(Machine::wait_for(deploy), 128 + SIGKILL);
  const fs::path broken = machine_.state() / "operations/0-broken.jsonl";
  std::ofstream(broken) << "no record\n";
  const auto list = machine_.auterity({"operations", "list"});
  EXPECT_EQ(list.exit_code, 0) << list.error_output;
  EXPECT_NE(list.output.find("interrupted"), std::string::npos) << list.output;
  EXPECT_NE(list.output.find("unreadable"), std::string::npos) << list.output;
  fs::remove(broken);
  const auto undone = machine_.auterity({"operations", "undo", "latest"});
  EXPECT_EQ(undone.exit_code, 0) << undone.error_output;
  expect_in_use(old_version_);

  deploy = start_deploy("7.2.0", "50,100", "1");
  ASSERT_TRUE(machine_.comes_to({"bake"}));
  ASSERT_EQ(::kill(deploy, SIGKILL), 0);
  EXPECT_EQ(Machine::wait_for(deploy), 128 + SIGKILL);
  const auto resumed = machine_.auterity({"operations", "resume", "latest"});
  EXPECT_EQ(resumed.exit_code, 0) << resumed.error_output;
  expect_in_use("7.2.0");
}

// Ctrl-C in the middle, so that the time when both releases are there is as long as it has to be.
TEST_F(Deploy, InterruptedItIsGoneOnWithAndPagesLoadedBeforeFindTheirFiles) {
  ASSERT_NO_FATAL_FAILURE(build_release_with_asset("7.4.0", "old-1a2b.css"));
  ASSERT_EQ(Machine::wait_for(start_deploy("7.4.0", "100", "1")), 0);
  ASSERT_NO_FATAL_FAILURE(build_release_with_asset("7.5.0", "new-3c4d.css"));
  const pid_t deploy = start_deploy("7.5.0", "100", "4");
  ASSERT_TRUE(machine_.comes_to({"canary-100"}));
  EXPECT_EQ(web_release(), "7.4.0");
  EXPECT_EQ(machine_.get(url_ + "/assets/new-3c4d.css"), 404);
  ASSERT_TRUE(machine_.comes_to({"bake"}));
  ASSERT_EQ(::kill(deploy, SIGINT), 0);
  EXPECT_EQ(Machine::wait_for(deploy), 130);
  const Json left = machine_.json({"operations", "show", "latest"});
  EXPECT_EQ(text_of(left, "state"), "interrupted") << to_text(left);
  EXPECT_EQ(web_release(), "7.5.0");
  EXPECT_EQ(machine_.get(url_ + "/assets/new-3c4d.css"), 200);
  EXPECT_EQ(machine_.get(url_ + "/assets/old-1a2b.css"), 200);
  EXPECT_EQ(text_of(fetch("/api/health"), "version"), "7.5.0");
  const auto resumed = machine_.auterity({"operations", "resume", "latest"});
  EXPECT_EQ(resumed.exit_code, 0) << resumed.error_output;
  EXPECT_EQ(text_of(machine_.status(), "version"), "7.5.0");
  EXPECT_EQ(machine_.get(url_ + "/assets/new-3c4d.css"), 200);
  // nginx's old processes answer until they have read the new file.
  EXPECT_TRUE(
      machine_.eventually([&] { return machine_.get(url_ + "/assets/old-1a2b.css") == 404; }));
}

TEST_F(Deploy, WhatIsUnderWayIsTurnedBackByRollback) {
  ASSERT_NO_FATAL_FAILURE(build_release("7.3.0"));
  const pid_t deploy = start_deploy("7.3.0", "100", "60");
  ASSERT_TRUE(machine_.comes_to({"canary-100"}));
  const auto rollback = machine_.auterity({"rollback", "--reason", "somebody saw trouble"});
  EXPECT_EQ(rollback.exit_code, 0) << rollback.error_output;
  EXPECT_EQ(Machine::wait_for(deploy), 1);
  expect_in_use(old_version_);
}

}  // namespace
}  // namespace auterity::end_to_end
