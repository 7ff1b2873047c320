#include "operations/deploy/error_share.h"

#include <gtest/gtest.h>

namespace auterity::operations {
namespace {

// The tea-tasting table of Fisher's book: 3 of 4 right in one row, 1 of 4 in the other.
TEST(ErrorShareTest, AgreesWithTheTeaTasting) {
  EXPECT_NEAR(p_fails_more({4, 1}, {4, 3}), 17.0 / 70.0, 1e-9);
}

TEST(ErrorShareTest, FivePercentAreSeenInTwoHundredRequests) {
  EXPECT_LT(p_fails_more({200, 0}, {200, 10}), 0.001);
}

TEST(ErrorShareTest, AFewErrorsAreNoEvidence) {
  EXPECT_GT(p_fails_more({200, 0}, {200, 1}), 0.4);
  EXPECT_GT(p_fails_more({200, 2}, {200, 3}), 0.3);
}

TEST(ErrorShareTest, EqualSharesOfUnequalPoolsAreNoDifference) {
  EXPECT_GT(p_fails_more({10'000, 100}, {1'000, 10}), 0.4);
}

TEST(ErrorShareTest, NothingMeansNothing) {
  EXPECT_DOUBLE_EQ(p_fails_more({100, 0}, {100, 0}), 1);
  EXPECT_DOUBLE_EQ(p_fails_more({0, 0}, {100, 50}), 1);
  EXPECT_DOUBLE_EQ(p_fails_more({100, 50}, {0, 0}), 1);
}

// By hand: 1 - 0.99^50 - 50 * 0.01 * 0.99^49.
TEST(ErrorShareTest, ALimitIsExceededBeyondChanceOrNot) {
  EXPECT_NEAR(p_within_limit({50, 2}, 0.01), 0.08944, 0.00001);
  EXPECT_NEAR(p_within_limit({3, 3}, 0.01), 1e-6, 1e-9);
  EXPECT_LT(p_within_limit({400, 20}, 0.01), 1e-6);
  EXPECT_GT(p_within_limit({10'000, 100}, 0.01), 0.4);
}

TEST(ErrorShareTest, LimitsOfNothingAndOfEverything) {
  EXPECT_DOUBLE_EQ(p_within_limit({100, 0}, 0), 1);
  EXPECT_DOUBLE_EQ(p_within_limit({100, 1}, 0), 0);
  EXPECT_DOUBLE_EQ(p_within_limit({100, 100}, 1), 1);
}

TEST(ErrorShareTest, MillionsOfRequestsStayFinite) {
  const double p = p_fails_more({5'000'000, 500}, {5'000'000, 700});
  EXPECT_GT(p, 0);
  EXPECT_LT(p, 1e-6);
}

}  // namespace
}  // namespace auterity::operations
