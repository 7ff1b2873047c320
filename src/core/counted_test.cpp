#include "core/counted.h"

#include <gtest/gtest.h>

namespace auterity {
namespace {

TEST(Counted, OneStandsAlone) {
  EXPECT_EQ(counted(0, "request"), "0 requests");
  EXPECT_EQ(counted(1, "API replica"), "1 API replica");
  EXPECT_EQ(counted(12, "worker"), "12 workers");
}

}  // namespace
}  // namespace auterity
