#include "core/time.h"

#include <gtest/gtest.h>

namespace auterity {
namespace {

TEST(Time, PrintsUtcAndLeavesOutAZeroFraction) {
  EXPECT_EQ(to_rfc3339(from_epoch_microseconds(0)), "1970-01-01T00:00:00Z");
  EXPECT_EQ(to_rfc3339(from_epoch_microseconds(1'795'499'134'000'120)),
            "2026-11-24T05:45:34.000120Z");
}

TEST(Time, ReadsOffsetsAndFractions) {
  EXPECT_EQ(to_rfc3339(*parse_rfc3339("2022-01-01T12:00:00+01:00")), "2022-01-01T11:00:00Z");
  EXPECT_EQ(to_rfc3339(*parse_rfc3339("2022-01-01t12:00:00.5z")), "2022-01-01T12:00:00.500000Z");
  EXPECT_EQ(to_rfc3339(*parse_rfc3339("2022-01-01T12:00:00.123456789Z")),
            "2022-01-01T12:00:00.123456Z");
}

TEST(Time, RefusesWhatIsNoInstant) {
  for (const char* text :
       {"", "2022-01-01", "2022-02-30T00:00:00Z", "2022-01-01T24:00:00Z", "2022-01-01T12:00:00",
        "2022-01-01T12:00:00.Z", "2022-01-01T12:00:00+1:00", "2022-01-01T12:00:00Zx"})
    EXPECT_FALSE(parse_rfc3339(text)) << text;
}

TEST(Time, RoundTrips) {
  for (std::int64_t micros = 1; micros < 4'000'000'000'000'000; micros = micros * 7 + 13)
    EXPECT_EQ(parse_rfc3339(to_rfc3339(from_epoch_microseconds(micros))),
              from_epoch_microseconds(micros));
}

}  // namespace
}  // namespace auterity
