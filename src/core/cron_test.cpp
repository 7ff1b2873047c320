#include "core/cron.h"

#include <gtest/gtest.h>

#include <bitset>
#include <random>
#include <sstream>

namespace auterity {
namespace {

using namespace std::chrono_literals;

std::string next(std::string_view cron, std::string_view after) {
  const auto schedule = CronSchedule::parse(cron);
  if (!schedule) return schedule.error().message;
  return to_rfc3339(schedule->next_after(parse_rfc3339(after).value()));
}

TEST(Cron, FindsTheNextMinuteStrictlyAfter) {
  EXPECT_EQ(next("* * * * *", "2026-01-01T00:00:00Z"), "2026-01-01T00:01:00Z");
  EXPECT_EQ(next("* * * * *", "2026-01-01T00:00:59.999999Z"), "2026-01-01T00:01:00Z");
  EXPECT_EQ(next("0 0 * * *", "2026-01-01T00:00:00Z"), "2026-01-02T00:00:00Z");
  EXPECT_EQ(next("0 0 * * *", "2025-12-31T23:59:59.999999Z"), "2026-01-01T00:00:00Z");
  EXPECT_EQ(next("30 14 * * *", "2026-01-01T14:29:00Z"), "2026-01-01T14:30:00Z");
  EXPECT_EQ(next("0 9 * * MON-FRI", "2026-11-20T09:00:00Z"), "2026-11-23T09:00:00Z");
}

TEST(Cron, KnowsLeapDays) {
  EXPECT_EQ(next("0 0 29 2 *", "2026-01-01T00:00:00Z"), "2028-02-29T00:00:00Z");
  EXPECT_EQ(next("0 0 29 2 *", "2096-02-29T00:00:00Z"), "2104-02-29T00:00:00Z");
  // Both fields count here, and a leap day that is a Sunday is 40 years away around 2100.
  EXPECT_EQ(next("0 0 29 2 */7", "2088-02-29T00:00:00Z"), "2128-02-29T00:00:00Z");
}

TEST(Cron, TakesOneOfTwoRestrictedDays) {
  EXPECT_EQ(next("0 0 13 * 5", "2026-11-01T00:00:00Z"), "2026-11-06T00:00:00Z");
  EXPECT_EQ(next("0 0 13 * *", "2026-11-01T00:00:00Z"), "2026-11-13T00:00:00Z");
  EXPECT_EQ(next("0 0 * * 5", "2026-11-01T00:00:00Z"), "2026-11-06T00:00:00Z");
}

TEST(Cron, ReadsNamesListsRangesAndSteps) {
  EXPECT_EQ(next("5-10/5,50 1,2 * jan,Dec sun", "2026-02-01T00:00:00Z"), "2026-12-06T01:05:00Z");
  EXPECT_EQ(next("10/20 * * * *", "2026-01-01T00:10:00Z"), "2026-01-01T00:30:00Z");
  EXPECT_EQ(next("0 0 * * 7", "2026-11-24T00:00:00Z"), "2026-11-29T00:00:00Z");
  EXPECT_EQ(next("0 0 * * FRI-SUN", "2026-11-24T00:00:00Z"), "2026-11-27T00:00:00Z");
  EXPECT_EQ(next("0 0 * * 0-0", "2026-11-24T00:00:00Z"), "2026-11-29T00:00:00Z");
  EXPECT_EQ(next("\t0   0 1\t* * ", "2026-11-24T00:00:00Z"), "2026-12-01T00:00:00Z");
}

TEST(Cron, ReadsNicknames) {
  EXPECT_EQ(next("@hourly", "2026-11-24T05:10:00Z"), "2026-11-24T06:00:00Z");
  EXPECT_EQ(next("@daily", "2026-11-24T05:10:00Z"), "2026-11-25T00:00:00Z");
  EXPECT_EQ(next("@midnight", "2026-11-24T05:10:00Z"), "2026-11-25T00:00:00Z");
  EXPECT_EQ(next("@weekly", "2026-11-24T05:10:00Z"), "2026-11-29T00:00:00Z");
  EXPECT_EQ(next("@monthly", "2026-11-24T05:10:00Z"), "2026-12-01T00:00:00Z");
  EXPECT_EQ(next("@yearly", "2026-11-24T05:10:00Z"), "2027-01-01T00:00:00Z");
  EXPECT_EQ(next("@annually", "2026-11-24T05:10:00Z"), "2027-01-01T00:00:00Z");
}

TEST(Cron, RefusesWhatIsNoSchedule) {
  for (const std::string_view text : {"",
                                      "* * * *",
                                      "* * * * * *",
                                      "60 * * * *",
                                      "* 24 * * *",
                                      "* * 0 * *",
                                      "* * 32 * *",
                                      "* * * 0 *",
                                      "* * * 13 *",
                                      "* * * * 8",
                                      "-1 * * * *",
                                      "5-1 * * * *",
                                      "*/0 * * * *",
                                      "*/60 * * * *",
                                      "1,,2 * * * *",
                                      "1, * * * *",
                                      "a * * * *",
                                      "* * * JANUARY *",
                                      "? * * * *",
                                      "* * L * *",
                                      "1-2-3 * * * *",
                                      "1/ * * * *",
                                      "@reboot",
                                      "@every 5m",
                                      "0 0 30 2 *",
                                      "0 0 31 4,6,9,11 *",
                                      "99999999999999999999 * * * *",
                                      "+1 * * * *"}) {
    const auto schedule = CronSchedule::parse(text);
    ASSERT_FALSE(schedule) << text;
    EXPECT_FALSE(schedule.error().hint.empty()) << text;
  }
}

// ---- proof: every answer equals the first minute that a naive reading of the fields matches
// ------------------------

struct NaiveField {
  std::bitset<60> values;
  bool star;
};

NaiveField read_field(const std::string& text, int least, int most) {
  NaiveField field{{}, text.starts_with('*')};
  std::istringstream parts(text);
  for (std::string part; std::getline(parts, part, ',');) {
    int first = least, last = most, step = 1;
    if (const auto slash = part.find('/'); slash != std::string::npos) {
      step = std::stoi(part.substr(slash + 1));
      part.resize(slash);
    }
    if (part != "*") {
      first = std::stoi(part);
      const auto dash = part.find('-');
      last = dash == std::string::npos ? first : std::stoi(part.substr(dash + 1));
    }
    for (int value = first; value <= last; value += step)
      field.values.set(static_cast<std::size_t>(value));
  }
  return field;
}

bool naive_match(const std::vector<NaiveField>& fields, Time time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  const unsigned weekday = std::chrono::weekday(day).c_encoding();
  const bool day_fits = fields[2].values.test(unsigned(date.day()));
  const bool weekday_fits =
      fields[4].values.test(weekday) || (weekday == 0 && fields[4].values.test(7));
  const bool both = fields[2].star || fields[4].star;
  return fields[0].values.test(static_cast<std::size_t>(clock.minutes().count())) &&
         fields[1].values.test(static_cast<std::size_t>(clock.hours().count())) &&
         fields[3].values.test(unsigned(date.month())) &&
         (both ? day_fits && weekday_fits : day_fits || weekday_fits);
}

std::string random_field(std::mt19937_64& random, int least, int most) {
  const auto value = [&] { return std::uniform_int_distribution(least, most)(random); };
  switch (std::uniform_int_distribution(0, 4)(random)) {
    case 0:
      return std::to_string(value());
    case 1:
      return "*/" + std::to_string(std::uniform_int_distribution(1, most)(random));
    case 2: {
      const int first = value(), last = std::uniform_int_distribution(first, most)(random);
      return std::to_string(first) + "-" + std::to_string(last);
    }
    case 3:
      return std::to_string(value()) + "," + std::to_string(value());
    default:
      return "*";
  }
}

TEST(Cron, AgreesWithANaiveReadingMinuteByMinute) {
  std::mt19937_64 random(20261124);
  constexpr std::pair<int, int> kRanges[] = {{0, 59}, {0, 23}, {1, 31}, {1, 12}, {0, 7}};
  int compared = 0;
  for (int round = 0; round < 300; ++round) {
    std::string text;
    std::vector<NaiveField> fields;
    for (const auto& [least, most] : kRanges) {
      const std::string field = random_field(random, least, most);
      fields.push_back(read_field(field, least, most));
      text += (text.empty() ? "" : " ") + field;
    }
    const auto schedule = CronSchedule::parse(text);
    if (!schedule) continue;
    const Time start = parse_rfc3339("2027-12-28T00:00:00Z").value() +
                       std::chrono::seconds(std::uniform_int_distribution(0, 90 * 86'400)(random));
    const Time answer = schedule->next_after(start);
    ASSERT_TRUE(naive_match(fields, answer)) << text;
    Time minute = std::chrono::floor<std::chrono::minutes>(start) + 1min;
    // A week of minutes is enough to catch a missed match.
    for (int i = 0; i < 7 * 24 * 60 && minute < answer; ++i, minute += 1min)
      ASSERT_FALSE(naive_match(fields, minute)) << text << " after " << to_rfc3339(start);
    ++compared;
  }
  EXPECT_GT(compared, 200);
}

}  // namespace
}  // namespace auterity
