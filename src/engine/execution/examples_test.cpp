// The definitions of examples/ do what their comments say: each is run on the pure core with the
// input that its comment gives.
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "harness/pure_run.h"
#include "harness/source_folder.h"

namespace auterity::engine {
namespace {

using harness::PureRun;

Json json(std::string_view text) { return *parse_json(text); }

std::string example(const char* name) {
  const auto path = harness::source_folder() / "examples" / name;
  std::ifstream file(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(file), {}};
  EXPECT_FALSE(text.empty()) << path;
  return text;
}

// What a call is answered with; the address is the only thing that tells the calls of an example
// apart.
using Answer = std::function<std::expected<Json, WorkflowError>(const std::string& uri)>;

Json run(const char* name, std::string_view input, const Answer& answer = {}) {
  PureRun run(example(name), json(input));
  if (answer)
    run.with_effect([&](const EffectRequest& request) -> std::expected<Json, WorkflowError> {
      return answer(auterity::to_text(request.arguments));
    });
  EXPECT_EQ(run.run().status, ExecutionStatus::completed) << auterity::to_text(run.error());
  return run.output();
}

std::unexpected<WorkflowError> unreachable() {
  return std::unexpected(make_error(StandardError::communication, "connection refused", ""));
}

Json response(int status, Json content) {
  return JsonObject{{"statusCode", status}, {"content", std::move(content)}};
}

TEST(Examples, OrderIsShippedByTheSecondCarrier) {
  int calls = 0;
  const Json output =
      run("order-fulfilment.yaml", R"({"order": "A-17", "total": 40, "card": "valid"})",
          [&](const std::string&) {
            ++calls;
            return unreachable();
          });
  EXPECT_EQ(output, json(R"({"order":"A-17","outcome":"shipped","carrier":"second choice"})"));
  EXPECT_EQ(calls, 3) << "one try and two retries";
}

TEST(Examples, DeclinedOrderIsUndone) {
  PureRun order(example("order-fulfilment.yaml"),
                json(R"({"order": "A-18", "total": 40, "card": "declined"})"));
  EXPECT_EQ(order.run().status, ExecutionStatus::completed);
  EXPECT_EQ(order.output(), json(R"({"order":"A-18","outcome":"cancelled",
                                     "because":"Card declined","undone":["reservation"]})"));
}

TEST(Examples, CleanUpStopsWhenEnoughIsFree) {
  EXPECT_EQ(run("nightly-clean-up.yaml", R"({"enough": 500, "max_age_days": 30})"),
            json(R"({"freed":700,"removed":["old.log","huge.tmp"],"kept":["keep.db"]})"));
  EXPECT_EQ(
      run("nightly-clean-up.yaml", "null"),
      json(R"({"freed":800,"removed":["old.log","huge.tmp","late.log"],"kept":["keep.db"]})"));
}

TEST(Examples, FastestQuoteWinsAndTheCheapestIsFound) {
  EXPECT_EQ(run("fastest-quote.yaml", R"({"item": "bolt", "amount": 100})"),
            json(R"({"item":"bolt","fastest":{"supplier":"near","price":130},
                     "cheapest":{"supplier":"far","price":90}})"));
}

TEST(Examples, ApprovalInTimeAndTooLate) {
  EXPECT_EQ(run("approval-with-deadline.yaml",
                R"({"who": "Ada", "answers_after": "PT0.2S", "deadline": "PT2S"})"),
            json(R"({"who":"Ada","approved":true,"reminders":0})"));
  EXPECT_EQ(run("approval-with-deadline.yaml",
                R"({"who": "Bob", "answers_after": "PT1H", "deadline": "PT0.5S"})"),
            json(R"({"who":"Bob","approved":false,"reminders":1,
                     "reason":"no answer within PT0.5S"})"));
}

TEST(Examples, DataFlowTour) {
  EXPECT_EQ(run("data-flow-tour.yaml",
                R"({"customer": {"name": "Ada", "points": 120}, "basket": [3, 4, 5]})"),
            json(R"({"greeting":"Good day, Ada","total":12,"discount":1.2,"to_pay":10.8})"));
  EXPECT_EQ(run("data-flow-tour.yaml", R"({"customer": {"name": "Bob"}, "basket": []})"),
            json(R"({"greeting":"Good day, Bob","total":0,"discount":0,"to_pay":0})"));
}

std::expected<Json, WorkflowError> healthy_platform(const std::string& uri) {
  if (uri.contains("/metrics")) return response(200, "# HELP x\nx 1\n\ny{a=\"b\"} 2\n");
  return response(200, JsonObject{{"status", "healthy"}});
}

TEST(Examples, PlatformReportOfAHealthyPlatform) {
  const Json output = run("platform-report.yaml", "null", healthy_platform);
  EXPECT_EQ(*find_pointer(output, "/verdict"), Json("healthy"));
  EXPECT_EQ(*find_pointer(output, "/base_url"), Json("http://localhost:8000"));
  EXPECT_EQ(*find_pointer(output, "/checks"),
            json(R"([{"name":"health","ok":true,"status":200,"says":"healthy"},
                     {"name":"details","ok":true,"status":200,"says":"healthy"},
                     {"name":"metrics","ok":true,"status":200,"samples":2}])"));
  EXPECT_TRUE(find_pointer(output, "/generated_at")->is_string());
}

TEST(Examples, PlatformReportOfAnIllOne) {
  int details = 0;
  const Json output = run("platform-report.yaml", R"({"base_url": "http://10.0.0.1/"})",
                          [&](const std::string& uri) -> std::expected<Json, WorkflowError> {
                            if (!uri.contains("/detailed")) return healthy_platform(uri);
                            ++details;
                            return unreachable();
                          });
  EXPECT_EQ(details, 4) << "one try and three retries";
  EXPECT_EQ(*find_pointer(output, "/verdict"), Json("degraded"));
  EXPECT_EQ(*find_pointer(output, "/base_url"), Json("http://10.0.0.1"));
  EXPECT_EQ(*find_pointer(output, "/checks/1/reason"), Json("connection refused"));
}

TEST(Examples, PlatformReportOfADeadOne) {
  const Json output =
      run("platform-report.yaml", "{}", [](const std::string&) { return unreachable(); });
  EXPECT_EQ(*find_pointer(output, "/verdict"), Json("down"));
}

}  // namespace
}  // namespace auterity::engine
