// What happens meanwhile: the load balancer dies in the middle of a canary, nobody sends requests,
// executions wait or are in the middle of a call while the processes under them change.
#include <fmt/format.h>
#include <signal.h>

#include <boost/json.hpp>
#include <fstream>

#include "deployed_platform.h"
#include "held_calls.h"

namespace auterity::end_to_end {
namespace {

constexpr int kExecutions = 12;

std::string text_of(const Json& value, std::string_view member) {
  return std::string(string_or(find_member(value, member), ""));
}

std::vector<std::string> deploy_words(const std::string& version) {
  return {"deploy", "--version", version, "--canary", "50,100", "--bake", "2"};
}

// Every other one sleeps first, so that whoever has room takes it up; then each makes a call.
std::string definition(const std::string& effects_url) {
  return fmt::format(R"(
document: {{dsl: '1.0.3', namespace: tests, name: calls-over-deploys, version: '1.0.0'}}
do:
  - prepare:
      set: {{number: '${{ .number }}', sleeps: '${{ .sleeps }}'}}
  - choose:
      switch:
        - sleeper: {{when: '${{ .sleeps }}', then: sleep}}
        - otherwise: {{then: record}}
  - sleep:
      wait: {{seconds: 2}}
  - record:
      call: http
      with: {{method: post, endpoint: '{}', body: '${{ . }}'}}
  - rest:
      wait: {{seconds: 2}}
  - finish:
      set: {{recorded: '${{ .number }}'}}
)",
                     effects_url);
}

// Executions that are started together and looked at together.
class Executions {
 public:
  Executions(Machine& machine, std::string url, std::string token)
      : machine_(machine), url_(std::move(url)), token_(std::move(token)) {}

  void publish(const std::string& yaml) {
    const auto answer = post("/api/workflows", yaml, "application/yaml");
    workflow_id_ = text_of(answer, "id");
    ASSERT_FALSE(workflow_id_.empty()) << to_text(answer);
  }

  void start(int count) {
    ids_.clear();
    for (int number = 0; number < count; ++number) {
      const auto answer =
          post("/api/workflows/" + workflow_id_ + "/execute",
               fmt::format(R"({{"input":{{"number":{},"sleeps":{}}}}})", number, number % 2 == 1),
               "application/json");
      ids_.push_back(text_of(answer, "id"));
      ASSERT_FALSE(ids_.back().empty()) << to_text(answer);
    }
  }

  void expect_completed() {
    for (std::size_t number = 0; number < ids_.size(); ++number) {
      Json execution;
      EXPECT_TRUE(machine_.eventually(
          [&] {
            execution = get("/api/executions/" + ids_[number]);
            const std::string status = text_of(execution, "status");
            return status == "completed" || status == "faulted" || status == "cancelled";
          },
          60));
      EXPECT_EQ(text_of(execution, "status"), "completed") << to_text(execution);
      const Json* recorded = find_pointer(execution, "/output/recorded");
      ASSERT_NE(recorded, nullptr) << to_text(execution);
      EXPECT_EQ(*recorded, static_cast<int>(number)) << to_text(execution);
    }
  }

 private:
  Json post(const std::string& path, const std::string& body, const std::string& type) {
    HttpRequest request;
    request.method = "POST";
    request.url = url_ + path;
    request.headers = {
        {"authorization", "Bearer " + token_}, {"content-type", type}, {"prefer", "respond-async"}};
    request.body = body;
    return parsed(machine_.send(std::move(request)));
  }
  Json get(const std::string& path) {
    HttpRequest request;
    request.url = url_ + path;
    request.headers = {{"authorization", "Bearer " + token_}};
    return parsed(machine_.send(std::move(request)));
  }
  static Json parsed(const Result<HttpResponse>& answer) {
    const auto value = answer ? parse_json(answer->body) : Result<Json>(Json(nullptr));
    return value ? *value : Json(nullptr);
  }

  Machine& machine_;
  std::string url_;
  std::string token_;
  std::string workflow_id_;
  std::vector<std::string> ids_;
};

void expect_each_called_once(const HeldCalls& service, std::size_t executions) {
  const auto calls = service.calls();
  EXPECT_EQ(calls.size(), executions) << "one key for each execution";
  for (const auto& [key, times] : calls) EXPECT_EQ(times, 1) << key;
}

TEST_F(DeployedPlatform, ExecutionsGoOnOverADeployARollbackAndADeployThatIsTurnedBack) {
  HeldCalls service;
  Executions executions(machine(), url(), token());
  ASSERT_NO_FATAL_FAILURE(executions.publish(definition(service.url())));
  const auto over = [&](std::vector<std::string> words, const std::vector<std::string>& steps,
                        int exit_code) {
    SCOPED_TRACE(words.front() + " " + std::to_string(exit_code));
    service.hold();
    ASSERT_NO_FATAL_FAILURE(executions.start(kExecutions));
    const std::size_t before = service.calls().size();
    EXPECT_TRUE(machine().eventually([&] { return service.holds_one(); }));
    const pid_t operation = machine().start_auterity(std::move(words));
    EXPECT_TRUE(machine().comes_to(steps));
    EXPECT_TRUE(service.holds_one());
    service.release();
    EXPECT_EQ(Machine::wait_for(operation), exit_code) << to_text(latest_operation());
    executions.expect_completed();
    expect_each_called_once(service, (before == 0 ? 0 : before - 1) + kExecutions);
  };
  // Any process of the pool may be the one in the middle of a call: it is let go of first, then
  // whoever holds a call lasts until it is answered.
  const auto leaving = [](const std::string& colour) {
    return std::vector<std::string>{"hand-over", "stop-" + colour + "-worker-1",
                                    "retire-" + colour + "-api-1", "retire-" + colour + "-api-2"};
  };
  over(deploy_words(kGood), leaving(stable()), 0);
  // Nobody else sends requests here: the deploy made them itself, and says so.
  EXPECT_TRUE(to_text(latest_operation()).contains("requests of this stage were synthetic"));
  EXPECT_EQ(text_of(machine().status(), "version"), kGood);
  over({"rollback"}, leaving(candidate()), 0);
  EXPECT_NE(text_of(machine().status(), "version"), kGood);
  let_the_bad_release("[ \"$1\" != serve ] || { (sleep 4; kill -9 $$) 3>&- & }");
  over({"deploy", "--version", kBad, "--canary", "50,100", "--bake", "8"}, {"canary-50"}, 1);
}

TEST_F(DeployedPlatform, TheBalancerThatDiesComesBackWithTheSameSplitAndTheDeployGoesOn) {
  const auto load = start_load();
  auto words = deploy_words(kGood);
  words.back() = "4";
  const pid_t deploy = machine().start_auterity(words);
  ASSERT_TRUE(machine().comes_to({"canary-50"}));
  ASSERT_TRUE(machine().eventually([&] { return balancer().weights().size() == 4; }));
  const auto split = balancer().weights();
  EXPECT_EQ(split, balancer().kept_weights());
  for (const pid_t pid : machine().processes("haproxy.cfg")) ::kill(pid, SIGKILL);
  EXPECT_TRUE(machine().eventually([&] { return balancer().weights() == split; }));
  const int sent = load->sent();
  EXPECT_TRUE(machine().eventually([&] { return load->sent() > sent + 100; }));
  EXPECT_EQ(Machine::wait_for(deploy), 0) << to_text(latest_operation());
  const RequestLoadOutcome outcome = load->stop();
  EXPECT_EQ(text_of(machine().status(), "version"), kGood);
  // What was under way when it died is lost, and what came while nobody listened; nothing else.
  EXPECT_EQ(static_cast<int>(outcome.failed_ids.size()), outcome.unanswered);
}

TEST_F(DeployedPlatform, TurningBackWaitsForABalancerThatIsAway) {
  let_the_bad_release("");  // it is none
  auto words = deploy_words(kBad);
  words.back() = "60";
  const pid_t deploy = machine().start_auterity(words);
  ASSERT_TRUE(machine().comes_to({"canary-50"}));
  ASSERT_TRUE(machine().eventually([&] { return balancer().weights().size() == 4; }));
  ASSERT_EQ(machine().supervise("haproxy", "-d"), 0);
  ASSERT_TRUE(machine().eventually([&] { return balancer().weights().empty(); }));
  const pid_t rollback = machine().start_auterity({"rollback"});
  // The split is in the file before HAProxy is told.
  EXPECT_TRUE(machine().eventually([&] { return balancer().kept_weights().size() == 2; }));
  EXPECT_EQ(machine().supervise("haproxy", "-u"), 0);
  EXPECT_EQ(Machine::wait_for(deploy), 1);
  EXPECT_EQ(Machine::wait_for(rollback), 0);
  expect_nothing_left_of(kBad);
}

}  // namespace
}  // namespace auterity::end_to_end
