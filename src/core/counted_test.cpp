#include "core/counted.h"

#include <gtest/gtest.h>

namespace auterity {
namespace {

TEST(Counted, OneStandsAlone) {
  EXPECT_EQ(counted(0, "request"), "0 requests");
  EXPECT_EQ(counted(1, "API replica"), "1 API replica");
  EXPECT_EQ(counted(12, "worker"), "12 workers");
}

TEST(SizeText, IsInTheUnitThatFits) {
  EXPECT_EQ(size_text(999), "999 B");
  EXPECT_EQ(size_text(1536), "1.5 KiB");
  EXPECT_EQ(size_text(std::uint64_t{5} << 30), "5.0 GiB");
}

}  // namespace
}  // namespace auterity
