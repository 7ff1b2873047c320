#include "operations/prove/latency_histogram.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "core/random.h"

namespace auterity::operations {
namespace {

TEST(LatencyHistogram, OfNothingIsNothing) {
  EXPECT_EQ(LatencyHistogram().percentile(0.99), Duration{});
  EXPECT_EQ(LatencyHistogram().most(), Duration{});
}

TEST(LatencyHistogram, IsExactWhereValuesAreSmall) {
  LatencyHistogram histogram;
  for (int microseconds = 1; microseconds <= 20; ++microseconds)
    histogram.add(Duration(microseconds));
  EXPECT_EQ(histogram.percentile(0.5), Duration(10));
  EXPECT_EQ(histogram.percentile(1), Duration(20));
  EXPECT_EQ(histogram.count(), 20u);
}

TEST(LatencyHistogram, NeverPraisesAndIsAtMostThreePercentOff) {
  SeededRandom random(11);
  LatencyHistogram histogram;
  std::vector<Duration> all;
  for (int i = 0; i < 20'000; ++i) {
    all.emplace_back(static_cast<Duration::rep>(random.below(1ull << (6 + random.below(24)))));
    histogram.add(all.back());
  }
  std::ranges::sort(all);
  for (const double share : {0.1, 0.5, 0.9, 0.99, 0.999}) {
    const Duration exact = all[static_cast<std::size_t>(share * 20'000) - 1];
    EXPECT_GE(histogram.percentile(share), exact) << share;
    EXPECT_LE(histogram.percentile(share).count(), exact.count() * 1.04 + 1) << share;
  }
  EXPECT_EQ(histogram.percentile(1), all.back());
}

TEST(LatencyHistogram, HoldsValuesOfHours) {
  LatencyHistogram histogram;
  histogram.add(std::chrono::hours(900));
  histogram.add(Duration(-5));
  EXPECT_EQ(histogram.most(), Duration(std::chrono::hours(900)));
  EXPECT_EQ(histogram.percentile(0.5), Duration{});
}

}  // namespace
}  // namespace auterity::operations
