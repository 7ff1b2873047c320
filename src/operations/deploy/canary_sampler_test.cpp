#include "operations/deploy/canary_sampler.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json.hpp>

namespace auterity::operations {
namespace {

RequestRecord request(const char* server, int second, int status, const char* termination = "--") {
  return {.accepted_at = Time(std::chrono::seconds(second)),
          .server = server,
          .status = status,
          .response_ms = 5,
          .termination = termination};
}

class CanarySamplerTest : public ::testing::Test {
 protected:
  SeededRandom random_{1};
  CanarySampler sampler_{random_, "baseline", "green", Time(std::chrono::seconds(10))};
};

TEST_F(CanarySamplerTest, SamplesAreTheTwoPoolsFromTheBeginningOfTheStageOn) {
  for (const auto& record :
       {request("green-api-1", 9, 500),  // before
        request("green-api-1", 10, 200), request("green-api-2", 19, 503),
        request("blue-api-1", 15, 500),  // neither pool
        request("baseline-api-1", 15, 200), request("green-api-1", 15, -1, "CD"),
        request("<NOSRV>", 15, 503, "SC")})
    sampler_.add(record);
  const CanarySamples& samples = sampler_.samples();
  EXPECT_EQ(samples.candidate.errors.requests, 2U);
  EXPECT_EQ(samples.candidate.errors.errors, 1U);
  EXPECT_EQ(samples.candidate.given_up, 1U);
  EXPECT_EQ(samples.candidate.response_ms, std::vector<double>{5});
  EXPECT_EQ(samples.baseline.errors.requests, 1U);
}

TEST_F(CanarySamplerTest, LatenciesAreBoundedAndDrawnFromTheWholeStageWhileCountsAreExact) {
  constexpr std::uint64_t kAnswers = 5 * CanarySampler::kKeptLatencies;
  RequestRecord record = request("green-api-1", 11, 200);
  for (std::uint64_t index = 0; index < kAnswers; ++index) {
    record.response_ms = static_cast<double>(index);
    sampler_.add(record);
  }
  const PoolSample& pool = sampler_.samples().candidate;
  EXPECT_EQ(pool.errors.requests, kAnswers);
  ASSERT_EQ(pool.response_ms.size(), CanarySampler::kKeptLatencies);
  EXPECT_EQ(pool.latencies_left_out, kAnswers - CanarySampler::kKeptLatencies);
  // Each fifth of the stage has its share: 4,000 of 20,000, four standard deviations being 226.
  for (std::uint64_t fifth = 0; fifth < 5; ++fifth) {
    const auto kept = std::ranges::count_if(pool.response_ms, [&](double value) {
      return static_cast<std::uint64_t>(value) / CanarySampler::kKeptLatencies == fifth;
    });
    EXPECT_NEAR(static_cast<double>(kept), 4'000, 226) << fifth;
  }
  const CanaryVerdict verdict = judge_alone(pool, {});
  EXPECT_EQ(verdict.figures.at("candidate").at("latencies").to_number<std::uint64_t>(),
            CanarySampler::kKeptLatencies);
  EXPECT_EQ(verdict.figures.at("candidate").at("latencies_left_out").to_number<std::uint64_t>(),
            pool.latencies_left_out);
}

}  // namespace
}  // namespace auterity::operations
