#include "operations/deploy/canary_verdict.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <random>

namespace auterity::operations {
namespace {

constexpr CanaryThresholds kThresholds{
    .minimum_requests = 50, .error_percent = 1, .latency_ratio = 1.5, .significance = 0.001};

PoolSample pool(std::uint64_t requests, std::uint64_t errors, double median_ms, unsigned seed) {
  PoolSample pool;
  pool.errors = {requests, errors};
  std::mt19937 generator(seed);
  std::lognormal_distribution<double> latency(std::log(median_ms), 0.5);
  for (std::uint64_t index = errors; index < requests; ++index)
    pool.response_ms.push_back(std::round(latency(generator)));
  return pool;
}

TEST(CanaryVerdictTest, TheSameVersionIsHealthy) {
  for (unsigned seed = 0; seed < 200; ++seed) {
    const auto verdict =
        judge({pool(400, 0, 8, 2 * seed), pool(400, 0, 8, 2 * seed + 1)}, kThresholds);
    EXPECT_EQ(verdict.outcome, CanaryOutcome::healthy) << verdict.reason;
  }
}

TEST(CanaryVerdictTest, FivePercentErrorsAreWorse) {
  const auto verdict = judge({pool(200, 0, 8, 1), pool(200, 10, 8, 2)}, kThresholds);
  EXPECT_EQ(verdict.outcome, CanaryOutcome::worse);
  EXPECT_EQ(verdict.reason, "10 of 200 requests failed (5.00 %), of the old version 0 of 200");
}

TEST(CanaryVerdictTest, ErrorsOfBothVersionsAreMeasuredAgainstTheLimit) {
  const auto verdict = judge({pool(400, 20, 8, 1), pool(400, 21, 8, 2)}, kThresholds);
  EXPECT_EQ(verdict.outcome, CanaryOutcome::worse);
  EXPECT_EQ(verdict.reason, "21 of 400 requests failed (5.25 %); at most 1 % may");
}

TEST(CanaryVerdictTest, TwiceAsSlowIsWorse) {
  const auto verdict = judge({pool(200, 0, 8, 1), pool(200, 0, 16, 2)}, kThresholds);
  EXPECT_EQ(verdict.outcome, CanaryOutcome::worse);
  EXPECT_TRUE(verdict.reason.starts_with("answers are slower")) << verdict.reason;
}

TEST(CanaryVerdictTest, ALittleSlowerIsNotWorseHoweverCertain) {
  const auto verdict = judge({pool(20'000, 0, 20, 1), pool(20'000, 0, 22, 2)}, kThresholds);
  EXPECT_LT(verdict.figures.at("p_slower").as_double(), 1e-6);
  EXPECT_EQ(verdict.outcome, CanaryOutcome::healthy) << verdict.reason;
}

// 1.9 ms and 2.1 ms are logged as 1 and 2: twice as much, and no difference that anybody meets.
TEST(CanaryVerdictTest, WhatTheLogCutsOffIsNoDifference) {
  PoolSample first = pool(300, 0, 1, 1);
  PoolSample second = first;
  for (const auto& [before, after] : {std::pair{0.0, 1.0}, {1.0, 2.0}, {1.0, 3.0}, {3.0, 5.0}}) {
    std::ranges::fill(first.response_ms, before);
    std::ranges::fill(second.response_ms, after);
    EXPECT_EQ(judge({first, second}, kThresholds).outcome, CanaryOutcome::healthy) << after;
  }
  std::ranges::fill(first.response_ms, 1);
  std::ranges::fill(second.response_ms, 4);
  EXPECT_EQ(judge({first, second}, kThresholds).outcome, CanaryOutcome::worse);
}

TEST(CanaryVerdictTest, TooFewRequestsNeverPassForHealthy) {
  for (const auto& [old_version, new_version] : {std::pair{0, 0}, {500, 49}, {49, 500}, {500, 0}}) {
    const auto verdict = judge({pool(static_cast<std::uint64_t>(old_version), 0, 8, 1),
                                pool(static_cast<std::uint64_t>(new_version), 0, 8, 2)},
                               kThresholds);
    EXPECT_EQ(verdict.outcome, CanaryOutcome::too_few) << old_version << " " << new_version;
  }
}

TEST(CanaryVerdictTest, AVersionThatFailsAlwaysIsSeenBelowTheMinimum) {
  const auto verdict = judge({pool(20, 0, 8, 1), pool(10, 10, 8, 2)}, kThresholds);
  EXPECT_EQ(verdict.outcome, CanaryOutcome::worse) << verdict.reason;
}

TEST(CanaryVerdictTest, AloneAVersionIsHeldAgainstTheLimit) {
  EXPECT_EQ(judge_alone(pool(100, 1, 8, 1), kThresholds).outcome, CanaryOutcome::healthy);
  EXPECT_EQ(judge_alone(pool(100, 6, 8, 1), kThresholds).outcome, CanaryOutcome::worse);
  EXPECT_EQ(judge_alone(pool(49, 0, 8, 1), kThresholds).outcome, CanaryOutcome::too_few);
  EXPECT_EQ(judge_alone(pool(4, 4, 8, 1), kThresholds).outcome, CanaryOutcome::worse);
  EXPECT_EQ(judge_alone(pool(1, 0, 8, 1), kThresholds).reason,
            "1 request on the new version: too few to judge by; 50 are needed");
}

TEST(CanaryVerdictTest, AFailureThatMayBeChanceAsksForMoreRequests) {
  for (const auto& verdict : {judge_alone(pool(60, 1, 8, 1), kThresholds),
                              judge({pool(60, 0, 8, 1), pool(60, 1, 8, 2)}, kThresholds)}) {
    EXPECT_EQ(verdict.outcome, CanaryOutcome::too_few);
    EXPECT_EQ(verdict.reason,
              "1 of 60 requests failed (1.67 %); at most 1 % may, and it takes more requests to "
              "tell this from chance");
  }
}

TEST(CanaryVerdictTest, RequestsThatClientsGaveUpAreNamedWhereTheyLack) {
  PoolSample hanging;
  hanging.given_up = 7;
  EXPECT_EQ(judge_alone(hanging, kThresholds).reason,
            "0 requests on the new version: too few to judge by; 50 are needed; 7 more were "
            "given up by their clients");
}

TEST(CanaryVerdictTest, AVersionThatHangsAShareOfItsRequestsIsWorse) {
  PoolSample hanging = pool(200, 0, 8, 2);
  hanging.given_up = 40;
  const auto verdict = judge({pool(240, 0, 8, 1), hanging}, kThresholds);
  EXPECT_EQ(verdict.outcome, CanaryOutcome::worse);
  EXPECT_EQ(verdict.reason,
            "clients gave up 40 of 240 requests (16.67 %), of the old version 0 of 240 (0.00 %)");
}

TEST(CanaryVerdictTest, ClientsThatGiveUpOnBothVersionsAlikeSpeakAgainstNone) {
  PoolSample before = pool(200, 0, 8, 1);
  PoolSample after = pool(200, 0, 8, 2);
  before.given_up = 40;
  after.given_up = 44;
  const auto compared = judge({before, after}, kThresholds);
  EXPECT_EQ(compared.outcome, CanaryOutcome::healthy) << compared.reason;
  for (const auto& verdict : {compared, judge_alone(after, kThresholds)}) {
    EXPECT_EQ(verdict.outcome, CanaryOutcome::healthy) << verdict.reason;
    EXPECT_TRUE(verdict.reason.starts_with(
        "200 requests, 0 failed; 44 more were given up by their clients"))
        << verdict.reason;
  }
}

TEST(CanaryVerdictTest, AVersionThatAnswersNothingIsSeenBelowTheMinimum) {
  PoolSample hanging;
  hanging.given_up = 20;
  EXPECT_EQ(judge({pool(20, 0, 8, 1), hanging}, kThresholds).outcome, CanaryOutcome::worse);
}

TEST(CanaryVerdictTest, EveryFigureAndSampleIsKept) {
  const CanarySamples samples{pool(60, 1, 8, 1), pool(60, 0, 8, 2)};
  const auto verdict = judge(samples, kThresholds);
  for (const char* name : {"outcome", "baseline", "candidate", "thresholds", "p_fails_more",
                           "p_given_up_more", "p_within_limit", "p_slower", "superiority"})
    EXPECT_TRUE(verdict.figures.contains(name)) << name;
  const JsonObject kept = to_json(samples);
  EXPECT_EQ(kept.at("baseline").at("response_ms").as_array().size(), 59U);
  EXPECT_EQ(kept.at("candidate").at("response_ms").as_array().size(), 60U);
}

}  // namespace
}  // namespace auterity::operations
