#include "operations/deploy/rank_sum.h"

#include <gtest/gtest.h>

#include <vector>

namespace auterity::operations {
namespace {

// By hand: the ranks of `second` are 3.5, 5.5, 7.5, 9 and 10; three ties of two; z = 1.5811.
TEST(RankSumTest, AgreesWithASumDoneByHand) {
  const std::vector<double> first{1, 2, 3, 4, 5};
  const std::vector<double> second{3, 4, 5, 6, 7};
  const RankSum result = rank_sum(first, second);
  EXPECT_DOUBLE_EQ(result.u, 20.5);
  EXPECT_DOUBLE_EQ(result.superiority, 0.82);
  EXPECT_NEAR(result.p_greater, 0.05692, 0.00001);
}

TEST(RankSumTest, OrderOfSamplesDecidesWhoIsGreater) {
  const std::vector<double> low{1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
  const std::vector<double> high{11, 12, 13, 14, 15, 16, 17, 18, 19, 20};
  EXPECT_LT(rank_sum(low, high).p_greater, 0.001);
  EXPECT_GT(rank_sum(high, low).p_greater, 0.999);
  EXPECT_DOUBLE_EQ(rank_sum(low, high).superiority, 1);
  EXPECT_DOUBLE_EQ(rank_sum(high, low).superiority, 0);
}

TEST(RankSumTest, EqualValuesAreNoDifference) {
  const std::vector<double> same(50, 3.0);
  const RankSum result = rank_sum(same, same);
  EXPECT_DOUBLE_EQ(result.superiority, 0.5);
  EXPECT_DOUBLE_EQ(result.p_greater, 1);
}

TEST(RankSumTest, InterleavedSamplesAreNoEvidence) {
  std::vector<double> even;
  std::vector<double> odd;
  for (int value = 0; value < 400; ++value) (value % 2 == 0 ? even : odd).push_back(value);
  EXPECT_GT(rank_sum(even, odd).p_greater, 0.4);
}

}  // namespace
}  // namespace auterity::operations
