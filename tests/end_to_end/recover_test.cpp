// A platform is destroyed, all its processes killed and its state folder removed, and recovered
// from its backups alone.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>

#include <boost/json.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "core/digest.h"
#include "harness/loopback_port.h"
#include "machine.h"
#include "start_load.h"

namespace auterity::end_to_end {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kOrder = R"({
  "document": {"dsl": "1.0.0", "namespace": "recovered", "name": "order", "version": "1.0.0"},
  "use": {"secrets": ["vault"]},
  "do": [{"nap": {"if": "${ .sleeps }", "wait": {"seconds": 15}}},
         {"add": {"set": {"twice": "${ .number * 2 }", "length": "${ $secrets.vault | length }"}}}]
})";
constexpr std::string_view kTick = R"({
  "document": {"dsl": "1.0.0", "namespace": "recovered", "name": "tick", "version": "1.0.0"},
  "schedule": {"every": {"seconds": 1}},
  "do": [{"note": {"set": {"ticked": true}}}]})";
constexpr int kStarts = 200;
constexpr int kFiles = 12;

std::string text_of(const Json& value, std::string_view member) {
  return std::string(string_or(find_member(value, member), ""));
}
double number_of(const Json& value, std::string_view member) {
  const Json* found = find_member(value, member);
  return found == nullptr ? -1 : found->to_number<double>();
}
std::string content(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// One platform for all of them, with a proven backup of everything.
class Recover : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    if (!why_no_platform().empty()) return;
    machine_ = std::make_unique<Machine>();
    fs::create_directories(machine_->home() / "keys");
    write_key("backup.key", 'b');
    write_key("other.key", 'c');
    use_key("backup.key");
    const std::string port = std::to_string(harness::find_free_loopback_port());
    url_ = "http://127.0.0.1:" + port;
    const auto up = machine_->auterity({"up", "--port", port, "--replicas", "1", "--workers", "1"});
    ASSERT_EQ(up.exit_code, 0) << up.error_output;
    token_ = machine_->token(url_);
    fill();
    const auto taken = machine_->auterity({"backup", "all", "--json"});
    ASSERT_EQ(taken.exit_code, 0) << taken.error_output;
    backup_ = text_of(*find_member(*parse_json(taken.output), "backup"), "id");
  }
  static void TearDownTestSuite() { machine_.reset(); }
  void SetUp() override {
    AUTERITY_NEEDS_PLATFORM();
    ASSERT_FALSE(backup_.empty());
  }

  static void write_key(const std::string& name, char digit) {
    const fs::path path = machine_->home() / "keys" / name;
    std::ofstream(path) << std::string(64, digit) << "\n";
    ::chmod(path.c_str(), 0600);
  }
  static void use_key(const std::string& name) {
    machine_->set_variable("AUTERITY_BACKUP_KEY_FILE", machine_->home() / "keys" / name);
  }
  static Result<HttpResponse> send(std::string method, const std::string& path,
                                   std::string body = {}) {
    return machine_->send(
        {.method = std::move(method),
         .url = url_ + path,
         .headers = {{"authorization", "Bearer " + token_}, {"content-type", "application/json"}},
         .body = std::move(body)});
  }
  static Json answer(const std::string& path) {
    const auto got = send("GET", path);
    return got && got->status == 200 ? parse_json(got->body).value_or(Json()) : Json();
  }
  static std::string publish(std::string_view definition) {
    const auto made = send("POST", "/api/workflows", std::string(definition));
    EXPECT_TRUE(made && made->status == 201) << (made ? made->body : made.error().message);
    return made ? text_of(*parse_json(made->body), "id") : "";
  }

  // Uploads, a secret, a schedule, and executions of which one in ten sleeps.
  static void fill() {
    const auto kept = send("PUT", "/api/secrets/vault", R"({"value": "seven77"})");
    ASSERT_TRUE(kept && kept->status < 300) << (kept ? kept->body : kept.error().message);
    for (int number = 0; number < kFiles; ++number) {
      const std::string bytes(static_cast<std::size_t>(number) * 7000 + 1,
                              static_cast<char>('a' + number));
      const auto file = send("POST", fmt::format("/api/files?name=file-{}", number), bytes);
      ASSERT_TRUE(file && file->status == 201);
      files_[text_of(*parse_json(file->body), "id")] = sha256_hex(bytes);
    }
    tick_ = publish(kTick);
    order_ = publish(kOrder);
    const auto load = start(0, kStarts);
    ASSERT_EQ(load.acknowledged, kStarts);
    ids_ = load.ids;
  }
  static LoadOutcome start(int first, int starts) {
    return StartLoad({.url = url_,
                      .token = token_,
                      .workflow_id = order_,
                      .starts = starts,
                      .first = first,
                      .limit = std::chrono::minutes(2)},
                     [](int) {})
        .run();
  }

  static void destroy() {
    // Whoever restarts others first.
    for (const char* who : {"s6-svscan", "s6-supervise", ""})
      for (const pid_t pid : machine_->processes(who)) ::kill(pid, SIGKILL);
    ASSERT_TRUE(machine_->eventually([] { return machine_->processes().empty(); }));
    fs::remove_all(machine_->state());
  }

  static std::string status_of(const std::string& execution) {
    return text_of(answer("/api/executions/" + execution), "status");
  }
  // What every platform must have that came out of that backup.
  static void expect_whole() {
    EXPECT_EQ(text_of(machine_->status(), "health"), "healthy");
    token_ = machine_->token(url_);
    ASSERT_FALSE(token_.empty());
    for (const auto& [id, sha256] : files_) {
      const auto file = send("GET", "/api/files/" + id);
      ASSERT_TRUE(file && file->status == 200) << id;
      EXPECT_EQ(sha256_hex(file->body), sha256) << id;
    }
    for (int number = 0; number < kStarts; ++number) {
      const std::string& id = ids_[static_cast<std::size_t>(number)];
      Json execution;
      EXPECT_TRUE(machine_->eventually(
          [&] {
            execution = answer("/api/executions/" + id);
            return text_of(execution, "status") == "completed";
          },
          60))
          << id << ": " << auterity::to_text(execution);
      const Json* twice = find_pointer(execution, "/output/twice");
      ASSERT_NE(twice, nullptr) << id;
      EXPECT_EQ(twice->to_number<int>(), 2 * number);
    }
  }
  static int executions_of(const std::string& workflow) {
    int count = 0;
    for (std::string cursor;;) {
      const Json page = answer("/api/executions?limit=100&workflow_id=" + workflow +
                               (cursor.empty() ? "" : "&cursor=" + cursor));
      count += static_cast<int>(find_member(page, "items")->get_array().size());
      cursor = text_of(page, "next_cursor");
      if (cursor.empty()) return count;
    }
  }

  static inline std::unique_ptr<Machine> machine_;
  static inline std::string url_, token_, backup_, tick_, order_;
  static inline std::map<std::string, std::string> files_;  // id to SHA-256
  static inline std::vector<std::string> ids_;
};

TEST_F(Recover, WhatIsAskedForAndCannotBeIsRefusedBeforeAnythingIsTouched) {
  const auto refused = [&](std::vector<std::string> arguments, int exit_code,
                           std::string_view said) {
    arguments.insert(arguments.begin(), "recover");
    const auto outcome = machine_->auterity(arguments);
    EXPECT_EQ(outcome.exit_code, exit_code) << outcome.error_output;
    EXPECT_NE(outcome.error_output.find(said), std::string::npos) << outcome.error_output;
    EXPECT_NE(outcome.error_output.find("hint: "), std::string::npos) << outcome.error_output;
  };
  refused({"--to", "2999-01-01T00:00:00Z"}, 2, "choose a time from");
  refused({"--to", "2001-01-01T00:00:00Z"}, 2, "choose a time from");
  refused({"--to", "yesterday"}, 2, "no time to the second");
  refused({"--backup", "00000000"}, 4, "no backup 00000000");
  // There is something that would be replaced, and nobody to ask.
  refused({}, 2, "--yes");
  use_key("other.key");
  refused({"--yes"}, 3, "key");
  use_key("backup.key");
  // Another environment's backups, copied to where this one's would be.
  fs::copy(machine_->home() / "backups/development", machine_->home() / "backups/staging",
           fs::copy_options::recursive);
  refused({"-e", "staging", "--yes"}, 5, "development");
  fs::remove_all(machine_->home() / "backups/staging");
  refused({"-e", "staging", "--yes"}, 4, "no backup");
  EXPECT_EQ(text_of(machine_->status(), "health"), "healthy");
}

TEST_F(Recover, OfAPlatformThatIsGoneEverythingIsThereThatIsOlderThanWhatWasMeasured) {
  const auto later = start(kStarts, 50);
  ASSERT_EQ(later.acknowledged, 50);
  const Time acknowledged = std::chrono::floor<Duration>(std::chrono::system_clock::now());
  destroy();
  const auto recovered = machine_->auterity({"recover", "--yes", "--json"});
  ASSERT_EQ(recovered.exit_code, 0) << recovered.error_output;
  const auto report = parse_json(recovered.output);
  ASSERT_TRUE(report) << recovered.output;
  EXPECT_EQ(text_of(*report, "outcome"), "done");
  EXPECT_EQ(text_of(*report, "backup"), backup_);
  EXPECT_GE(number_of(*report, "rpo_seconds"), 0);
  EXPECT_GT(number_of(*report, "rto_seconds"), 0);
  const int ticks = executions_of(tick_);
  expect_whole();
  // What was acknowledged before the last restored write.
  const auto last_write = parse_rfc3339(text_of(*report, "last_write"));
  ASSERT_TRUE(last_write);
  if (acknowledged <= *last_write)
    for (const std::string& id : later.ids) EXPECT_FALSE(status_of(id).empty()) << id;
  // Secrets open with the key that came back, and schedules go on.
  const auto fresh = start(kStarts + 100, 1);
  ASSERT_EQ(fresh.acknowledged, 1);
  EXPECT_TRUE(machine_->eventually([&] { return status_of(fresh.ids[0]) == "completed"; }, 60));
  EXPECT_EQ(number_of(*find_member(answer("/api/executions/" + fresh.ids[0]), "output"), "length"),
            7);
  EXPECT_TRUE(machine_->eventually([&] { return executions_of(tick_) > ticks; }));
  const Json shown = machine_->json({"operations", "show", text_of(*report, "operation")});
  EXPECT_EQ(text_of(shown, "state"), "done");
  EXPECT_EQ(text_of(*find_member(machine_->status(), "last_backup"), "id"), backup_);
  const fs::path evidence = machine_->state() / "operations" / text_of(*report, "operation");
  const auto executions = parse_json(content(evidence / "executions.json"));
  ASSERT_TRUE(executions);
  EXPECT_EQ(number_of(*executions, "damaged"), 0);
}

// The record that a step has begun stays, so that nothing here has to be met in its moment.
TEST_F(Recover, KilledAtOneStepAfterAnotherItIsResumed) {
  destroy();
  const auto journal = [] {
    for (const auto& entry : fs::directory_iterator(machine_->state() / "operations"))
      if (entry.path().extension() == ".jsonl") return content(entry.path());
    return std::string();
  };
  pid_t pid = machine_->start_auterity({"recover", "--yes"});
  for (const char* step : {"credentials", "release", "data-folder", "recovery", "uploads", "schema",
                           "executions", "blue-api-1", "haproxy", "blue-worker-1", "report"}) {
    ASSERT_TRUE(machine_->eventually(
        [&] {
          return fs::exists(machine_->state() / "operations") &&
                 journal().find(fmt::format(R"("step":"{}")", step)) != std::string::npos;
        },
        120))
        << step << ": " << journal();
    ::kill(pid, SIGKILL);
    Machine::wait_for(pid);
    pid = machine_->start_auterity({"operations", "resume", "latest"});
  }
  Machine::wait_for(pid);
  const Json shown = machine_->json({"operations", "show", "latest"});
  ASSERT_EQ(text_of(shown, "state"), "done") << auterity::to_text(shown);
  expect_whole();
}

}  // namespace
}  // namespace auterity::end_to_end
