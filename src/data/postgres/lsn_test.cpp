#include "data/postgres/lsn.h"

#include <gtest/gtest.h>

namespace auterity::data {
namespace {

TEST(Lsn, TextAndBack) {
  EXPECT_EQ(Lsn(0x16B374D848).text(), "16/B374D848");
  EXPECT_EQ(Lsn().text(), "0/0");
  EXPECT_EQ(Lsn(~std::uint64_t{0}).text(), "FFFFFFFF/FFFFFFFF");
  for (const auto* text : {"16/B374D848", "0/0", "FFFFFFFF/FFFFFFFF"})
    EXPECT_EQ(Lsn::parse(text).value().text(), text);
  EXPECT_EQ(Lsn::parse("a/00000001"), Lsn(0xA00000001));
}

TEST(Lsn, RefusesWhatIsNoPosition) {
  for (const auto* text : {"", "/", "1/", "/1", "1", "1/2/3", "-1/2", "+1/2", " 1/2", "1/2 ",
                           "123456789/1", "1/123456789", "0x1/2", "g/1"})
    EXPECT_FALSE(Lsn::parse(text)) << text;
}

TEST(Lsn, OrdersAndCounts) {
  EXPECT_LT(Lsn(5), Lsn(6));
  EXPECT_EQ(Lsn(5) + 3, Lsn(8));
  EXPECT_EQ(Lsn(8) - Lsn(5), 3u);
  EXPECT_EQ(segment_start(Lsn(0x1FFFFFF)), Lsn(0x1000000));
  EXPECT_EQ(segment_start(Lsn(0x1000000)), Lsn(0x1000000));
}

TEST(Lsn, SegmentNamesAreThoseOfPostgres) {
  EXPECT_EQ(segment_name(1, Lsn(0x1000000)), "000000010000000000000001");
  EXPECT_EQ(segment_name(1, Lsn(0x1FFFFFF)), "000000010000000000000001");
  EXPECT_EQ(segment_name(0x1A, Lsn(0x16B374D848)), "0000001A00000016000000B3");
  const auto position = parse_segment_name("0000001A00000016000000B3");
  ASSERT_TRUE(position);
  EXPECT_EQ(position->timeline, 0x1Au);
  EXPECT_EQ(position->start, Lsn(0x16B3000000));
  for (const auto* name :
       {"0000001A00000016000000b3", "0000001A0000001600000100", "0000000000000016000000B3",
        "0000001A00000016000000B", "00000002.history", "0000001A00000016000000B3.partial"})
    EXPECT_FALSE(parse_segment_name(name)) << name;
}

TEST(Lsn, HistoryNames) {
  EXPECT_EQ(history_name(2), "00000002.history");
  EXPECT_EQ(parse_history_name("0000001A.history"), 0x1Au);
  EXPECT_FALSE(parse_history_name("1A.history"));
  EXPECT_FALSE(parse_history_name("0000001A.backup"));
}

}  // namespace
}  // namespace auterity::data
