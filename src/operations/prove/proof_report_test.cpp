#include "operations/prove/proof_report.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

namespace auterity::operations {
namespace {

ProofReport good() {
  ProofReport report;
  report.asked_per_second = 2000;
  report.lasted = std::chrono::seconds(10);
  report.sent = report.answered = 20'000;
  report.statuses = {{200, 18'000}, {202, 2'000}};
  report.executions.acknowledged = 1'600;
  report.uploads.acknowledged = 400;
  report.streams = {
      .followed = 32, .reopened = 8, .cut = 0, .events = 352, .lost = 0, .duplicated = 0};
  for (int i = 1; i <= 100; ++i) report.latency.add(std::chrono::milliseconds(i));
  return report;
}

TEST(ProofReport, OfAGoodDeploy) {
  const ProofReport report = good();
  EXPECT_TRUE(report.clean());
  EXPECT_EQ(to_text(report), R"(load of 10.0 s while it was deployed: 0 lost, 0 duplicated
  rate        2000 requests/s of the 2000 asked for
  requests    20000 sent, 20000 answered; 0 attempts without an answer, 0 of 5xx, 0 unexpected, 0 asked to slow down, 0 repeated
  latency     p50 50.2 ms, p99 100.0 ms, max 100.0 ms
  executions  1600 acknowledged, 0 lost, 0 duplicated
  uploads     400 acknowledged, 0 lost
  streams     32 followed, 8 times reopened (0 cut), 352 events, 0 lost, 0 duplicated
)");
  const Json document = to_json(report);
  EXPECT_EQ(find_pointer(document, "/lost")->to_number<int>(), 0);
  EXPECT_EQ(find_pointer(document, "/requests/statuses/202")->to_number<int>(), 2000);
  EXPECT_EQ(find_pointer(document, "/max_ms")->to_number<double>(), 100);
}

TEST(ProofReport, EveryKindOfLossCounts) {
  for (const auto harm : std::initializer_list<void (*)(ProofReport&)>{
           [](ProofReport& report) { ++report.unanswered; },
           [](ProofReport& report) { ++report.failed; },
           [](ProofReport& report) { ++report.unexpected; },
           [](ProofReport& report) { ++report.executions.lost; },
           [](ProofReport& report) { ++report.uploads.lost; },
           [](ProofReport& report) { ++report.streams.lost; }}) {
    ProofReport report = good();
    harm(report);
    EXPECT_EQ(report.lost(), 1u);
    EXPECT_FALSE(report.clean());
  }
  ProofReport report = good();
  ++report.executions.duplicated;
  ++report.streams.duplicated;
  EXPECT_EQ(report.duplicated(), 2u);
  EXPECT_FALSE(report.clean());
}

TEST(ProofReport, BeingAskedToSlowDownAndReopenedStreamsAreNoLoss) {
  ProofReport report = good();
  report.refused = report.retried = 5;
  report.streams.cut = 1;
  EXPECT_TRUE(report.clean());
}

TEST(ProofReport, BooksThatCouldNotBeBalancedProveNothing) {
  ProofReport report = good();
  report.unbalanced = "GET a page of executions: no answer";
  EXPECT_FALSE(report.clean());
  EXPECT_NE(to_text(report).find("unbalanced  GET a page"), std::string::npos);
}

TEST(ProofReport, SaysPlainlyWhatWasReached) {
  ProofReport report = good();
  report.asked_per_second = 100'000;
  EXPECT_NE(to_text(report).find("2000 requests/s of the 100000 asked for, which was not reached"),
            std::string::npos);
  EXPECT_EQ(ProofReport().reached_per_second(), 0);
}

TEST(ProofReport, KeepsAFewProblemsAndCountsTheRest) {
  ProofReport report;
  for (int i = 0; i < 100; ++i) report.add_problem("problem " + std::to_string(i));
  report.add_problem("problem 3");
  EXPECT_EQ(report.problems.size(), 21u);
  EXPECT_EQ(report.problems["problem 3"], 2u);
  EXPECT_EQ(report.problems["others"], 80u);
}

}  // namespace
}  // namespace auterity::operations
