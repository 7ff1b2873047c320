#include "operations/deploy/canary_pace.h"

#include <gtest/gtest.h>

namespace auterity::operations {
namespace {

using std::chrono::seconds;

PoolSample pool(std::uint64_t requests, std::uint64_t errors = 0) {
  return {.errors = {requests, errors}, .response_ms = std::vector<double>(requests - errors, 5)};
}

StageLook look(const CanarySamples& samples, seconds elapsed, bool compared = true) {
  return look_at_stage(samples, {},
                       {.compared = compared, .elapsed = elapsed, .bake = seconds(10)});
}

TEST(CanaryPaceTest, AHealthyVersionIsWatchedToTheEndOfTheStage) {
  const CanarySamples samples{pool(1000), pool(1000)};
  EXPECT_EQ(look(samples, seconds(9)).next, StageNext::watch);
  EXPECT_EQ(look(samples, seconds(10)).next, StageNext::end);
  EXPECT_EQ(look(samples, seconds(10)).verdict.outcome, CanaryOutcome::healthy);
}

TEST(CanaryPaceTest, APlainlyWorseOneEndsTheStageAtOnce) {
  const StageLook seen = look({pool(20), pool(20, 20)}, seconds(1));
  EXPECT_EQ(seen.next, StageNext::end);
  EXPECT_EQ(seen.verdict.outcome, CanaryOutcome::worse);
}

TEST(CanaryPaceTest, OneFailureAmongTheFirstRequestsEndsNothing) {
  for (const bool compared : {true, false})
    EXPECT_EQ(look({pool(100), pool(100, 2)}, seconds(1), compared).next, StageNext::watch);
}

TEST(CanaryPaceTest, WhatSufficesAtTheEndIsNotEnoughBefore) {
  const CanarySamples samples{pool(200), pool(200, 10)};
  EXPECT_EQ(look(samples, seconds(1)).next, StageNext::watch);
  EXPECT_EQ(look(samples, seconds(10)).verdict.outcome, CanaryOutcome::worse);
}

TEST(CanaryPaceTest, FewRequestsAreFilledUpFromHalfOfTheStageOnAndForAMinuteLonger) {
  const CanarySamples samples{pool(3), pool(3)};
  EXPECT_EQ(look(samples, seconds(4)).next, StageNext::watch);
  EXPECT_EQ(look(samples, seconds(5)).next, StageNext::fill);
  EXPECT_EQ(look(samples, seconds(69)).next, StageNext::fill);
  const StageLook end = look(samples, seconds(70));
  EXPECT_EQ(end.next, StageNext::end);
  EXPECT_EQ(end.verdict.outcome, CanaryOutcome::too_few);
}

}  // namespace
}  // namespace auterity::operations
