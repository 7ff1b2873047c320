// Acknowledged is promised: whatever dies while executions are started, each that a client got an
// answer for ends completed, with its effect on the outside recorded once. Faults strike by
// progress of the load, never by time. AUTERITY_FAULT_EXECUTIONS: how many executions a test
// starts, and then Redis is away for a minute; make soak sets it.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <iterator>
#include <set>

#include "effect_recorder.h"
#include "harness/loopback_port.h"
#include "machine.h"
#include "start_load.h"

namespace auterity::end_to_end {
namespace {

constexpr int kStartsUnderKills = 10'000;
constexpr int kStartsUnderRestarts = 3000;
constexpr int kSettleLimit_seconds = 180;
constexpr std::size_t kHistorySample = 100;

int starts_wanted(int usual) {
  const char* text = std::getenv("AUTERITY_FAULT_EXECUTIONS");
  return text == nullptr ? usual : std::max(100, std::atoi(text));
}
bool in_soak() { return std::getenv("AUTERITY_FAULT_EXECUTIONS") != nullptr; }

// set, a sleep of 3 s in the store for those that want one, call, set. Whoever has slept is taken
// up by any process, so that each kind of process has calls under way when it is killed.
std::string definition(const std::string& effects_url) {
  return fmt::format(R"(
document: {{dsl: '1.0.3', namespace: tests, name: recorded-once, version: '1.0.0'}}
do:
  - prepare:
      set: {{number: '${{ .number }}', sleeps: '${{ .sleeps }}'}}
  - choose:
      switch:
        - sleeper: {{when: '${{ .sleeps }}', then: sleep}}
        - otherwise: {{then: record}}
  - sleep:
      wait: {{seconds: 3}}
  - record:
      call: http
      with: {{method: post, endpoint: '{}', body: '${{ . }}'}}
  - finish:
      set: {{recorded: '${{ .number }}'}}
)",
                     effects_url);
}

// What happens once `percent` of the starts are acknowledged.
struct Fault {
  int percent;
  std::function<void()> strike;
};

class LoadUnderFaults : public ::testing::Test {
 protected:
  void SetUp() override {
    AUTERITY_NEEDS_PLATFORM();
    machine_ = std::make_unique<Machine>();
    const std::string port = std::to_string(harness::find_free_loopback_port());
    url_ = "http://127.0.0.1:" + port;
    const auto up = machine_->auterity({"up", "--port", port, "--replicas", "2", "--workers", "1"});
    ASSERT_EQ(up.exit_code, 0) << up.error_output;
    token_ = machine_->token(url_);
    publish();
  }

  void publish() {
    HttpRequest request;
    request.method = "POST";
    request.url = url_ + "/api/workflows";
    request.headers = {{"authorization", "Bearer " + token_}, {"content-type", "application/yaml"}};
    request.body = definition(recorder_.url());
    const auto answer = machine_->send(std::move(request));
    ASSERT_TRUE(answer) << answer.error().message;
    ASSERT_EQ(answer->status, 201) << answer->body;
    workflow_id_ = string_or(find_member(*parse_json(answer->body), "id"), "");
  }

  // Found before the load, so that each hits the process that the platform began with.
  std::function<void()> kill_of(const std::string& component) {
    const pid_t pid = machine_->pid_of(component);
    EXPECT_GT(pid, 0) << component;
    return [component, pid] { EXPECT_EQ(::kill(pid, SIGKILL), 0) << component; };
  }

  std::function<void()> order_to(const std::string& component, const std::string& switches) {
    return [this, component, switches] {
      EXPECT_EQ(machine_->supervise(component, switches), 0) << component << " " << switches;
    };
  }

  void run_load(int starts, std::vector<Fault> faults, Duration over = Duration{}) {
    std::size_t struck = 0;
    const Duration began = clock_.monotonic();
    StartLoad load(
        {.url = url_, .token = token_, .workflow_id = workflow_id_, .starts = starts, .over = over},
        [&](int acknowledged) {
          while (struck < faults.size() &&
                 acknowledged * 100LL >= faults[struck].percent * 1LL * starts)
            faults[struck++].strike();
        });
    outcome_ = load.run();
    load_seconds_ = std::chrono::duration<double>(clock_.monotonic() - began).count();
    EXPECT_EQ(struck, faults.size()) << "every fault struck while the load ran";
    EXPECT_EQ(outcome_.acknowledged, starts);
    ASSERT_TRUE(outcome_.refused.empty()) << outcome_.refused.front();
  }

  // The faults were real: the supervisor saw each of these end and started it again.
  void expect_came_back(const std::vector<std::string>& components) {
    for (const std::string& name : components) {
      const Json component = machine_->component(name);
      EXPECT_EQ(string_or(find_member(component, "state"), ""), "running") << name;
      const Json* restarts = find_member(component, "restarts");
      ASSERT_NE(restarts, nullptr) << name;
      EXPECT_GE(restarts->to_number<int>(), 1) << name;
    }
  }

  // The body of a GET; null when there is no good answer just now.
  Json fetch(const std::string& target) {
    HttpRequest request;
    request.url = url_ + target;
    request.headers = {{"authorization", "Bearer " + token_}};
    const auto answer = machine_->send(std::move(request));
    if (!answer || answer->status != 200) return nullptr;
    const auto body = parse_json(answer->body);
    return body ? *body : Json(nullptr);
  }

  JsonArray list(const std::string& query) {
    JsonArray all;
    std::string cursor;
    do {
      const Json page = fetch("/api/executions?limit=200&workflow_id=" + workflow_id_ + query +
                              (cursor.empty() ? "" : "&cursor=" + cursor));
      const Json* items = find_member(page, "items");
      if (items == nullptr || !items->is_array()) {
        ADD_FAILURE() << "the executions cannot be listed";
        return all;
      }
      all.insert(all.end(), items->get_array().begin(), items->get_array().end());
      cursor = string_or(find_member(page, "next_cursor"), "");
    } while (!cursor.empty());
    return all;
  }

  // Whether the platform says, this moment, that none has this status.
  bool none_is(const std::string& status) {
    const Json page =
        fetch("/api/executions?limit=1&workflow_id=" + workflow_id_ + "&status=" + status);
    const Json* items = find_member(page, "items");
    return items != nullptr && items->is_array() && items->get_array().empty();
  }

  void expect_all_completed_once() {
    const Duration began = clock_.monotonic();
    EXPECT_TRUE(machine_->eventually(
        [&] { return none_is("pending") && none_is("running") && none_is("waiting"); },
        kSettleLimit_seconds))
        << "some never ended";
    const double settle = std::chrono::duration<double>(clock_.monotonic() - began).count();
    const JsonArray executions = list("");
    expect_exactly_the_acknowledged(executions);
    const EffectRecorder::Record record = recorder_.record();
    expect_one_effect_each(record);
    expect_histories_tell_it_once(record);
    print_counts(record, settle);
  }

  void expect_exactly_the_acknowledged(const JsonArray& executions) {
    std::set<std::string> ids;
    int wrong = 0;
    std::string example;
    for (const Json& execution : executions) {
      const std::string id(string_or(find_member(execution, "id"), ""));
      EXPECT_TRUE(ids.insert(id).second) << id << " is listed twice";
      const Json* number = find_member(*find_member(execution, "input"), "number");
      const bool right =
          string_or(find_member(execution, "status"), "") == "completed" &&
          *find_member(execution, "output") == Json(JsonObject{{"recorded", *number}});
      if (!right && wrong++ == 0) example = to_text(execution);
    }
    EXPECT_EQ(wrong, 0) << "for example " << example;
    const std::set<std::string> acknowledged(outcome_.ids.begin(), outcome_.ids.end());
    EXPECT_EQ(acknowledged.size(), outcome_.ids.size()) << "two starts were told the same id";
    expect_none_beyond(acknowledged, ids, "acknowledged, and lost");
    expect_none_beyond(ids, acknowledged, "started twice");
  }

  static void expect_none_beyond(const std::set<std::string>& some,
                                 const std::set<std::string>& all, const char* otherwise) {
    std::vector<std::string> beyond;
    std::ranges::set_difference(some, all, std::back_inserter(beyond));
    EXPECT_TRUE(beyond.empty()) << beyond.size() << " " << otherwise << ", for example "
                                << beyond.front();
  }

  // A key is EXECUTION:ACTIVATION:ATTEMPT.
  void expect_one_effect_each(const EffectRecorder::Record& record) {
    EXPECT_EQ(record.unreadable, 0);
    EXPECT_EQ(record.by_number.size(), outcome_.ids.size());
    int wrong = 0;
    for (const auto& [number, calls] : record.by_number) {
      const std::string& id = outcome_.ids[static_cast<std::size_t>(number)];
      const bool right = calls.size() == 1 && calls.begin()->first.starts_with(id + ":");
      if (!right && wrong++ == 0)
        ADD_FAILURE() << "start " << number << ", execution " << id << ", has " << calls.size()
                      << " effects, one with the key " << calls.begin()->first;
    }
    EXPECT_EQ(wrong, 0);
  }

  // Those whose call came twice first, since a fault struck them.
  void expect_histories_tell_it_once(const EffectRecorder::Record& record) {
    std::vector<std::string> sample;
    for (const auto& [number, calls] : record.by_number)
      if (calls.begin()->second > 1 && sample.size() < kHistorySample)
        sample.push_back(outcome_.ids[static_cast<std::size_t>(number)]);
    const std::size_t stride = std::max<std::size_t>(1, outcome_.ids.size() / kHistorySample);
    for (std::size_t i = 0; i < outcome_.ids.size(); i += stride) sample.push_back(outcome_.ids[i]);
    for (const std::string& id : sample) {
      std::map<std::string, int> completions;
      const Json history = fetch("/api/executions/" + id + "/events?limit=1000");
      const Json* items = find_member(history, "items");
      ASSERT_NE(items, nullptr) << id;
      for (const Json& event : items->get_array())
        if (string_or(find_member(event, "type"), "") == "task.completed")
          ++completions[std::string(string_or(find_member(event, "task"), ""))];
      EXPECT_EQ(completions["/do/3/record"], 1) << id << " " << to_text(history);
      for (const auto& [task, times] : completions) EXPECT_EQ(times, 1) << id << " " << task;
    }
  }

  void print_counts(const EffectRecorder::Record& record, double settle_seconds) {
    std::string repeated;
    for (const auto& [why, times] : outcome_.repeated)
      repeated += fmt::format("{}{} x {}", repeated.empty() ? "" : ", ", times, why);
    const std::string text = fmt::format(
        "acknowledged {}; repeated starts: {}; effects {}, calls repeated with the same key {}; "
        "started in {:.1f} s, the last ended {:.1f} s later",
        outcome_.acknowledged, repeated.empty() ? "none" : repeated, record.effects(),
        record.repeats(), load_seconds_, settle_seconds);
    RecordProperty("counts", text);
    std::fputs(("[   COUNTS ] " + text + "\n").c_str(), stderr);
  }

  EffectRecorder recorder_;
  SystemClock clock_;
  std::unique_ptr<Machine> machine_;
  std::string url_, token_, workflow_id_;
  LoadOutcome outcome_;
  double load_seconds_ = 0;
};

TEST_F(LoadUnderFaults, AReplicaTheWorkerAndPostgresKilledInTurnLoseNothing) {
  ASSERT_NO_FATAL_FAILURE(
      run_load(starts_wanted(kStartsUnderKills),
               {{25, kill_of("api-1")}, {50, kill_of("worker-1")}, {75, kill_of("postgres")}}));
  expect_all_completed_once();
  EXPECT_GT(recorder_.record().repeats(), 0) << "nobody was killed in the middle of a call";
  expect_came_back({"api-1", "worker-1", "postgres"});
}

TEST_F(LoadUnderFaults, PostgresRestartedLosesNothing) {
  ASSERT_NO_FATAL_FAILURE(
      run_load(starts_wanted(kStartsUnderRestarts),
               {{30, order_to("postgres", "-r")}, {60, order_to("postgres", "-r")}}));
  expect_all_completed_once();
  expect_came_back({"postgres"});
}

// By the command, in its order: the database, Redis, replicas and worker, the web server and the
// load balancer. The database's own restart may be answered by 503 that says when to come again;
// nothing else shows.
TEST_F(LoadUnderFaults, EverythingRestartedByTheCommandLosesNothing) {
  constexpr Duration kLoad = std::chrono::seconds(15);
  pid_t restart = 0;
  const auto begin = [&] { restart = machine_->start_auterity({"restart", "all"}); };
  ASSERT_NO_FATAL_FAILURE(run_load(starts_wanted(kStartsUnderRestarts), {{10, begin}}, kLoad));
  EXPECT_EQ(Machine::wait_for(restart), 0)
      << machine_->auterity({"operations", "show", "latest"}).output;
  expect_all_completed_once();
  for (const auto& [why, times] : outcome_.repeated)
    EXPECT_EQ(why, "503") << times << " times, whoever restarts";
}

// Longer than any wait before a reconnect; in soak long enough for every cached answer and every
// limit in time to have run out, too.
TEST_F(LoadUnderFaults, WithoutRedisExecutionsGoOn) {
  const Duration outage = std::chrono::seconds(in_soak() ? 60 : 12);
  const Duration load = outage * 11 / 10 + std::chrono::seconds(1);
  Duration gone_at{};
  const auto take_away = [&] {
    gone_at = clock_.monotonic();
    order_to("redis", "-dk")();
  };
  const auto bring_back = [&] {
    EXPECT_EQ(machine_->pid_of("redis"), 0) << "it stayed down";
    EXPECT_GE(clock_.monotonic() - gone_at, outage);
    order_to("redis", "-u")();
  };
  ASSERT_NO_FATAL_FAILURE(
      run_load(starts_wanted(kStartsUnderRestarts), {{3, take_away}, {96, bring_back}}, load));
  expect_all_completed_once();
}

}  // namespace
}  // namespace auterity::end_to_end
