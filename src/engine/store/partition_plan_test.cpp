#include "engine/store/partition_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace auterity::engine {
namespace {

using std::chrono::days;
using std::chrono::hours;
using testing::ElementsAre;
using testing::IsEmpty;

Time day(int year, unsigned month, unsigned date) {
  return std::chrono::sys_days{std::chrono::year(year) / std::chrono::month(month) /
                               std::chrono::day(date)};
}
Partition week_from(Time from) { return {from, from + days(7)}; }

TEST(PartitionPlan, WeeksBeginOnMonday) {
  // 2026-11-24 is a Tuesday.
  EXPECT_THAT(missing_partitions({}, day(2026, 11, 24) + hours(5), day(2026, 12, 1), 7),
              ElementsAre(week_from(day(2026, 11, 23)), week_from(day(2026, 11, 30))));
}

TEST(PartitionPlan, NothingIsMissingWhenAllIsThere) {
  EXPECT_THAT(
      missing_partitions({week_from(day(2026, 11, 23))}, day(2026, 11, 24), day(2026, 11, 30), 7),
      IsEmpty());
}

TEST(PartitionPlan, GapsAreFilledAroundWhatIsThere) {
  std::vector<Partition> existing{week_from(day(2026, 11, 30)), week_from(day(2026, 11, 16))};
  EXPECT_THAT(missing_partitions(existing, day(2026, 11, 17), day(2026, 12, 9), 7),
              ElementsAre(week_from(day(2026, 11, 23)), week_from(day(2026, 12, 7))));
}

TEST(PartitionPlan, AnotherWidthNeverOverlaps) {
  std::vector<Partition> existing{{day(2026, 11, 24), day(2026, 11, 25)},
                                  {day(2026, 11, 27), day(2026, 12, 4)}};
  EXPECT_THAT(
      missing_partitions(existing, day(2026, 11, 24), day(2026, 12, 8), 7),
      ElementsAre(Partition{day(2026, 11, 23), day(2026, 11, 24)},
                  Partition{day(2026, 11, 25), day(2026, 11, 27)},
                  Partition{day(2026, 12, 4), day(2026, 12, 7)}, week_from(day(2026, 12, 7))));
}

TEST(PartitionPlan, TheEpochIsTheBeginning) {
  EXPECT_THAT(missing_partitions({}, Time{}, Time{} + hours(1), 7),
              ElementsAre(Partition{Time{}, day(1970, 1, 5)}));
}

TEST(PartitionPlan, ExpiredAreThoseWhoseLastMomentIsOldEnough) {
  std::vector<Partition> existing{week_from(day(2026, 11, 9)), week_from(day(2026, 11, 2)),
                                  week_from(day(2026, 11, 16))};
  EXPECT_THAT(expired_partitions(existing, day(2026, 11, 23), days(7)),
              ElementsAre(week_from(day(2026, 11, 2)), week_from(day(2026, 11, 9))));
  EXPECT_THAT(expired_partitions(existing, day(2026, 11, 22), days(7)),
              ElementsAre(week_from(day(2026, 11, 2))));
}

TEST(PartitionPlan, BoundsAreIds) {
  const Time from = day(2026, 11, 23);
  const std::string low = smallest_id(from);
  EXPECT_EQ(low, "01a205b3-d000-0000-0000-000000000000");
  const std::string bound =
      "FOR VALUES FROM ('" + low + "') TO ('" + smallest_id(from + days(7)) + "')";
  EXPECT_EQ(parse_partition_bound(bound), week_from(from));
  EXPECT_EQ(partition_suffix(week_from(from)), "p20261123");
  EXPECT_EQ(parse_partition_bound("DEFAULT"), std::nullopt);
  EXPECT_EQ(parse_partition_bound("FOR VALUES FROM (MINVALUE) TO ('x')"), std::nullopt);
}

TEST(PartitionPlan, CoverageIncludesTheStartAndNotTheEnd) {
  std::vector<Partition> existing{week_from(day(2026, 11, 23))};
  EXPECT_TRUE(is_covered(existing, day(2026, 11, 23)));
  EXPECT_TRUE(is_covered(existing, day(2026, 11, 30) - Duration(1)));
  EXPECT_FALSE(is_covered(existing, day(2026, 11, 30)));
}

}  // namespace
}  // namespace auterity::engine
