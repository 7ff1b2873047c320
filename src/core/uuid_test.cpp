#include "core/uuid.h"

#include <gtest/gtest.h>

namespace auterity {
namespace {

const Time kNow = *parse_rfc3339("2026-11-24T05:45:34.123Z");

TEST(Uuid, HoldsItsMillisecondVersionAndVariant) {
  SeededRandom random(1);
  const Uuid id = make_uuid(kNow, random);
  EXPECT_EQ(time_of(id), kNow);
  const std::string text = to_text(id);
  EXPECT_EQ(text[14], '7');
  EXPECT_NE(std::string_view("89ab").find(text[19]), std::string_view::npos);
}

TEST(Uuid, RoundTripsThroughText) {
  SeededRandom random(2);
  for (int i = 0; i < 100; ++i) {
    const Uuid id = make_uuid(kNow, random);
    EXPECT_EQ(parse_uuid(to_text(id)), id);
  }
  EXPECT_EQ(parse_uuid("0193-"), std::nullopt);
  EXPECT_EQ(parse_uuid("00000000-0000-7000-8000-00000000000g"), std::nullopt);
  EXPECT_EQ(parse_uuid("00000000x0000-7000-8000-000000000000"), std::nullopt);
}

TEST(Uuid, SortsByTime) {
  SeededRandom random(3);
  EXPECT_LT(make_uuid(kNow, random), make_uuid(kNow + std::chrono::milliseconds(1), random));
}

TEST(SeededRandom, ReplaysAndKeepsItsBound) {
  SeededRandom first(7), second(7);
  for (int i = 0; i < 1000; ++i) {
    const auto value = first.below(6);
    EXPECT_LT(value, 6u);
    EXPECT_EQ(value, second.below(6));
  }
}

}  // namespace
}  // namespace auterity
