#include "data/back_off.h"

#include <gtest/gtest.h>

namespace auterity::data {
namespace {

TEST(BackOff, DoublesUpToTheLongestWithinHalfAndAll) {
  BackOff back_off(Duration(100), Duration(400));
  for (const int whole : {100, 200, 400, 400, 400}) {
    const auto wait = back_off.next().count();
    EXPECT_GE(wait, whole / 2);
    EXPECT_LE(wait, whole);
  }
}

TEST(BackOff, StaysAtTheLongestAfterManyFailures) {
  BackOff back_off(Duration(100), Duration(400));
  for (int i = 0; i < 100; ++i) back_off.next();
  EXPECT_LE(back_off.next().count(), 400);
  EXPECT_EQ(back_off.failures(), 101);
}

TEST(BackOff, BeginsAnewAfterASuccess) {
  BackOff back_off(Duration(100), Duration(400));
  for (int i = 0; i < 5; ++i) back_off.next();
  back_off.reset();
  EXPECT_LE(back_off.next().count(), 100);
}

}  // namespace
}  // namespace auterity::data
