// What the canary's rules are worth: whole deploys are drawn by chance, from a fixed seed, and led
// through the same looks as a real one. A release that fails 5 % of its requests passes less than
// once in 10,000 deploys, a good one is turned back less than once in 1,000.
#include <gtest/gtest.h>

#include <random>

#include "operations/deploy/canary_pace.h"

namespace auterity::operations {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kLook{100};
constexpr milliseconds kBake{1000};
// The stages of --canary 10,50,100 and the bake: which of them have a baseline to compare with.
constexpr std::array kStages{true, true, false, false};
constexpr CanaryThresholds kThresholds{};

// Draws the requests that both pools get between two looks.
class Traffic {
 public:
  Traffic(std::uint64_t per_look, double baseline_errors, double candidate_errors, unsigned seed)
      : per_look_(per_look),
        baseline_errors_(baseline_errors),
        candidate_errors_(candidate_errors),
        generator_(seed) {}

  // Latencies are drawn only where a test is about them; else every answer takes equally long.
  void vary_latency(double sigma, double slowdown) {
    sigma_ = sigma;
    slowdown_ = slowdown;
  }
  void draw(CanarySamples& samples) {
    draw(samples.baseline, baseline_errors_, 1);
    draw(samples.candidate, candidate_errors_, slowdown_);
  }

 private:
  void draw(PoolSample& pool, double error_share, double slowdown) {
    const std::uint64_t errors =
        std::binomial_distribution<std::uint64_t>(per_look_, error_share)(generator_);
    pool.errors.requests += per_look_;
    pool.errors.errors += errors;
    if (sigma_ == 0) {
      pool.response_ms = {5};
      return;
    }
    std::lognormal_distribution<double> latency(std::log(4.0), sigma_);
    for (std::uint64_t index = errors; index < per_look_; ++index)
      pool.response_ms.push_back(std::round(latency(generator_) * slowdown));
  }

  std::uint64_t per_look_;
  double baseline_errors_;
  double candidate_errors_;
  double sigma_ = 0;
  double slowdown_ = 1;
  std::mt19937 generator_;
};

CanaryOutcome run_stage(Traffic& traffic, bool compared) {
  CanarySamples samples;
  for (Duration elapsed = kLook;; elapsed += kLook) {
    traffic.draw(samples);
    const StageLook look = look_at_stage(samples, kThresholds,
                                         {.compared = compared, .elapsed = elapsed, .bake = kBake});
    if (look.next == StageNext::end) return look.verdict.outcome;
  }
}

bool passes(Traffic& traffic) {
  return std::ranges::all_of(kStages, [&](bool compared) {
    return run_stage(traffic, compared) == CanaryOutcome::healthy;
  });
}

int passed_of(int deploys, Traffic traffic) {
  int passed = 0;
  for (int deploy = 0; deploy < deploys; ++deploy) passed += passes(traffic) ? 1 : 0;
  return passed;
}

// The least traffic that a stage ends with, when nothing but the minimum is there at its end.
constexpr std::uint64_t kLeastPerLook = kThresholds.minimum_requests / (kBake / kLook);

TEST(CanaryPowerTest, FivePercentErrorsPassLessThanOnceInTenThousandDeploys) {
  for (const std::uint64_t per_look : {kLeastPerLook, 3 * kLeastPerLook})
    EXPECT_EQ(passed_of(10'000, Traffic(per_look, 0, 0.05, 1)), 0) << per_look << " a look";
}

TEST(CanaryPowerTest, FivePercentErrorsRarelyPassASingleStage) {
  Traffic traffic(kLeastPerLook, 0, 0.05, 2);
  int passed = 0;
  for (int stage = 0; stage < 6'000; ++stage)
    passed += run_stage(traffic, stage % 2 == 0) == CanaryOutcome::healthy ? 1 : 0;
  EXPECT_LT(passed, 420);  // 7 %: four stages in a row let one of 40,000 through
}

TEST(CanaryPowerTest, AReleaseThatFailsNoMoreThanTheOldOneIsKept) {
  // A tenth of a percent fails, and half of one: below the limit of 1 %, of both versions alike.
  for (const double share : {0.001, 0.005})
    for (const std::uint64_t per_look : {kLeastPerLook, 10 * kLeastPerLook})
      EXPECT_GT(passed_of(3'000, Traffic(per_look, share, share, 3)), 2'997)
          << share << ", " << per_look << " a look";
}

TEST(CanaryPowerTest, AReleaseThatIsAsFastAsTheOldOneIsKept) {
  // From narrow latencies to such that one answer in forty takes ten times as long as the median.
  for (const double sigma : {0.3, 1.2}) {
    Traffic traffic(kLeastPerLook, 0, 0, 4);
    traffic.vary_latency(sigma, 1);
    EXPECT_GT(passed_of(1'000, std::move(traffic)), 998) << sigma;
  }
}

TEST(CanaryPowerTest, AReleaseThatIsThreeTimesSlowerNeverPasses) {
  Traffic traffic(kLeastPerLook, 0, 0, 5);
  traffic.vary_latency(0.6, 3);
  EXPECT_EQ(passed_of(500, std::move(traffic)), 0);
}

}  // namespace
}  // namespace auterity::operations
