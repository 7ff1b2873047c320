// Releases replace one another while people work: nothing is lost, nothing happens twice, nobody
// sees a 5xx. Requests, uploads and event streams are those of `deploy --prove`, which accounts for
// every one; executions that are in the middle of something when the colours change are the test's
// own. AUTERITY_DEPLOYS: how many deploys; then at least 2,000 requests/s are held throughout, too.
// make soak sets it.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "effect_recorder.h"
#include "harness/loopback_port.h"
#include "machine.h"
#include "start_load.h"

namespace auterity::end_to_end {
namespace {

// Forth, back and forth again.
constexpr int kUsualDeploys = 3;
// Beside the sanitizer builds' tests; what matters then is that nothing is lost.
constexpr int kUsualRate = 400;
constexpr int kHeldRate = 2000;
constexpr int kSoakRate = 2100;
constexpr int kStarts = 60;
// From before the first canary to after the hand-over: each takes at least four seconds.
constexpr Duration kStartsOver = std::chrono::seconds(6);
constexpr std::chrono::milliseconds kCallLasts{4000};

int deploys_wanted() {
  const char* text = std::getenv("AUTERITY_DEPLOYS");
  return text == nullptr ? kUsualDeploys : std::max(1, std::atoi(text));
}
bool in_soak() { return std::getenv("AUTERITY_DEPLOYS") != nullptr; }

// One in ten sleeps, the others are in a call.
std::string definition(const std::string& effects_url) {
  return fmt::format(R"(
document: {{dsl: '1.0.3', namespace: tests, name: across-colours, version: '1.0.0'}}
do:
  - choose:
      switch:
        - sleeper: {{when: '${{ .sleeps }}', then: sleep}}
        - otherwise: {{then: record}}
  - sleep: {{wait: {{seconds: 4}}}}
  - record:
      call: http
      with: {{method: post, endpoint: '{}', body: '${{ . }}'}}
  - finish: {{set: {{recorded: '${{ .number }}'}}}}
)",
                     effects_url);
}

std::string text_of(const Json& value, std::string_view member) {
  return std::string(string_or(find_member(value, member), ""));
}
double number_at(const Json& value, std::string_view pointer) {
  const Json* found = find_pointer(value, pointer);
  return found != nullptr && found->is_number() ? found->to_number<double>() : -1;
}

class DeploysInARow : public testing::Test {
 protected:
  void SetUp() override {
    AUTERITY_NEEDS_PLATFORM();
    // Beside other tests the new processes may be the slower ones by chance; this is not about
    // that.
    machine_.set_variable(kLatencyRatio, "10000");
    const std::string port = std::to_string(harness::find_free_loopback_port());
    url_ = "http://127.0.0.1:" + port;
    const auto up = machine_.auterity(
        {"up", "--port", port, "--replicas", in_soak() ? "2" : "1", "--workers", "1"});
    ASSERT_EQ(up.exit_code, 0) << up.error_output;
    token_ = machine_.token(url_);
    old_version_ = text_of(machine_.status(), "version");
    for (const std::string version : {"8.0.0", "8.1.0"}) {
      const auto built = machine_.auterity({"release", "build", "--version", version});
      ASSERT_EQ(built.exit_code, 0) << built.error_output;
    }
    HttpRequest request;
    request.method = "POST";
    request.url = url_ + "/api/workflows";
    request.headers = {{"authorization", "Bearer " + token_}, {"content-type", "application/yaml"}};
    request.body = definition(recorder_.url());
    const auto answer = machine_.send(std::move(request));
    ASSERT_TRUE(answer) << answer.error().message;
    ASSERT_EQ(answer->status, 201) << answer->body;
    workflow_id_ = text_of(*parse_json(answer->body), "id");
  }

  // Runs the command while executions are started that take longer than the change of colours.
  harness::ProgramOutcome run_with_executions(std::vector<std::string> arguments) {
    token_ = machine_.token(url_);
    LoadOutcome outcome;
    std::thread starting([&, first = started_] {
      outcome = StartLoad({.url = url_,
                           .token = token_,
                           .workflow_id = workflow_id_,
                           .starts = kStarts,
                           .first = first,
                           .over = kStartsOver},
                          [](int) {})
                    .run();
    });
    auto ended = machine_.auterity(std::move(arguments));
    starting.join();
    EXPECT_EQ(outcome.acknowledged, kStarts);
    EXPECT_TRUE(outcome.repeated.empty()) << "first: " << outcome.repeated.begin()->first;
    EXPECT_TRUE(outcome.refused.empty()) << outcome.refused.front();
    for (std::size_t i = 0; i < outcome.ids.size(); ++i)
      expect_completed(outcome.ids[i], started_ + static_cast<int>(i));
    started_ += kStarts;
    return ended;
  }

  Json execution(const std::string& id) {
    HttpRequest request;
    request.url = url_ + "/api/executions/" + id;
    request.headers = {{"authorization", "Bearer " + token_}};
    const auto answer = machine_.send(std::move(request));
    const auto body = answer ? parse_json(answer->body) : std::unexpected(answer.error());
    return body ? *body : Json(nullptr);
  }

  void expect_completed(const std::string& id, int number) {
    Json last;
    EXPECT_TRUE(machine_.eventually(
        [&] {
          last = execution(id);
          return find_pointer(last, "/finished_at") != nullptr &&
                 find_pointer(last, "/finished_at")->is_string();
        },
        60))
        << to_text(last);
    EXPECT_EQ(text_of(last, "status"), "completed") << to_text(last);
    EXPECT_EQ(number_at(last, "/output/recorded"), number) << to_text(last);
  }

  // How often somebody signed in at the processes that live now.
  double sign_ins() {
    HttpRequest request;
    request.url = url_ + "/metrics";
    const auto answer = machine_.send(std::move(request));
    EXPECT_TRUE(answer) << answer.error().message;
    double sum = 0;
    std::istringstream lines(answer ? answer->body : "");
    for (std::string line; std::getline(lines, line);)
      if (line.starts_with("http_requests_total{") && line.contains("/api/auth/login"))
        sum += std::stod(line.substr(line.rfind(' ')));
    return sum;
  }

  void expect_nothing_lost(const Json& proof) {
    EXPECT_EQ(number_at(proof, "/lost"), 0) << to_text(proof);
    EXPECT_EQ(number_at(proof, "/duplicated"), 0) << to_text(proof);
    EXPECT_EQ(number_at(proof, "/refused"), 0) << to_text(proof);
    EXPECT_EQ(number_at(proof, "/streams/cut"), 0) << to_text(proof);
    EXPECT_GT(number_at(proof, "/executions/acknowledged"), 0) << to_text(proof);
    EXPECT_GT(number_at(proof, "/uploads/acknowledged"), 0) << to_text(proof);
    EXPECT_GT(number_at(proof, "/streams/followed"), 0) << to_text(proof);
    const Json* statuses = find_pointer(proof, "/requests/statuses");
    ASSERT_TRUE(statuses != nullptr && statuses->is_object()) << to_text(proof);
    for (const auto& [status, count] : statuses->get_object())
      EXPECT_LT(std::string_view(status), "400") << count;
    if (in_soak()) EXPECT_GE(number_at(proof, "/reached_per_second"), kHeldRate) << to_text(proof);
    reopened_ += number_at(proof, "/streams/reopened");
    std::printf("%s requests/s, p50 %s ms, p99 %s ms, max %s ms, %s streams reopened\n",
                to_text(*find_pointer(proof, "/reached_per_second")).c_str(),
                to_text(*find_pointer(proof, "/p50_ms")).c_str(),
                to_text(*find_pointer(proof, "/p99_ms")).c_str(),
                to_text(*find_pointer(proof, "/max_ms")).c_str(),
                to_text(*find_pointer(proof, "/streams/reopened")).c_str());
  }

  EffectRecorder recorder_{kCallLasts};
  Machine machine_;
  std::string url_, token_, workflow_id_, old_version_;
  int started_ = 0;
  double reopened_ = 0;
};

TEST_F(DeploysInARow, LoseNothingAndDoNothingTwice) {
  const std::string rate = std::to_string(in_soak() ? kSoakRate : kUsualRate);
  std::string version_before, version = old_version_;
  for (int deploy = 0; deploy < deploys_wanted() && !HasFailure(); ++deploy) {
    version_before = version;
    version = deploy % 2 == 0 ? "8.0.0" : "8.1.0";
    const auto deployed = run_with_executions({"deploy", "--version", version, "--canary", "50,100",
                                               "--bake", "0.5", "--prove", rate, "--json"});
    ASSERT_EQ(deployed.exit_code, 0) << deployed.error_output << deployed.output;
    const auto document = parse_json(deployed.output);
    ASSERT_TRUE(document && find_member(*document, "prove") != nullptr) << deployed.output;
    EXPECT_EQ(text_of(*document, "version"), version);
    expect_nothing_lost(*find_member(*document, "prove"));
    EXPECT_EQ(sign_ins(), 1) << "once a deploy, however many replicas: sign-ins are limited";
  }
  EXPECT_GT(reopened_, 0) << "streams that nothing ends prove nothing";
  const auto rolled_back = run_with_executions({"rollback"});
  EXPECT_EQ(rolled_back.exit_code, 0) << rolled_back.error_output;
  EXPECT_EQ(text_of(machine_.status(), "version"), version_before);
  const EffectRecorder::Record record = recorder_.record();
  EXPECT_EQ(record.by_number.size(), static_cast<std::size_t>(started_));
  EXPECT_EQ(record.effects(), started_);
  EXPECT_EQ(record.repeats(), 0) << "nothing died, so no call's outcome was unknown";
}

}  // namespace
}  // namespace auterity::end_to_end
