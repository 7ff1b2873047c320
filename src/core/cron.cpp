#include "core/cron.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <span>
#include <vector>

#include "core/quoted.h"

namespace auterity {
namespace {

struct FieldFacts {
  std::string_view name;
  int least, most;
  std::span<const std::string_view> names = {};  // the first stands for `least`
};
constexpr std::string_view kMonths[] = {"JAN", "FEB", "MAR", "APR", "MAY", "JUN",
                                        "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"};
constexpr std::string_view kWeekdays[] = {"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"};
constexpr FieldFacts kMinute{"minute", 0, 59};
constexpr FieldFacts kHour{"hour", 0, 23};
constexpr FieldFacts kDay{"day of the month", 1, 31};
constexpr FieldFacts kMonth{"month", 1, 12, kMonths};
constexpr FieldFacts kWeekday{"day of the week", 0, 7, kWeekdays};

struct Nickname {
  std::string_view name, fields;
};
constexpr Nickname kNicknames[] = {
    {"@hourly", "0 * * * *"},   {"@daily", "0 0 * * *"},   {"@midnight", "0 0 * * *"},
    {"@weekly", "0 0 * * 0"},   {"@monthly", "0 0 1 * *"}, {"@yearly", "0 0 1 1 *"},
    {"@annually", "0 0 1 1 *"},
};

// A leap day that is a certain weekday may be 40 years away ("0 0 29 2 */7" around the year 2100).
constexpr std::chrono::days kLongestGap{41 * 366};

bool equal_ignoring_case(std::string_view left, std::string_view right) {
  return std::ranges::equal(left, right, [](char a, char b) {
    const auto upper = [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; };
    return upper(a) == upper(b);
  });
}

std::unexpected<Error> malformed(const FieldFacts& facts, std::string_view text) {
  return fail(ErrorKind::invalid_input,
              fmt::format("{} is no {} of a cron expression", quoted(text), facts.name),
              fmt::format("write *, a value from {} to {}, a range 1-5, a list 1,3 or a step */15",
                          facts.least, facts.most));
}

Result<int> parse_value(std::string_view text, const FieldFacts& facts, std::string_view whole) {
  for (std::size_t i = 0; i < facts.names.size(); ++i)
    if (equal_ignoring_case(text, facts.names[i])) return facts.least + static_cast<int>(i);
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || text.starts_with('-') ||
      value < facts.least || value > facts.most)
    return malformed(facts, whole);
  return value;
}

struct Range {
  int first, last, step;
};

// "*", "5", "1-5", each with an optional "/n".
Result<Range> parse_range(std::string_view text, const FieldFacts& facts) {
  Range range{facts.least, facts.most, 1};
  const std::size_t slash = text.find('/');
  const std::string_view base = text.substr(0, slash);
  if (slash != std::string_view::npos) {
    const std::string_view step = text.substr(slash + 1);
    const auto [end, error] = std::from_chars(step.data(), step.data() + step.size(), range.step);
    if (error != std::errc{} || end != step.data() + step.size() || range.step < 1 ||
        range.step > facts.most)
      return malformed(facts, text);
  }
  if (base == "*") return range;
  const std::size_t dash = base.find('-');
  AUTERITY_TRY(first, parse_value(base.substr(0, dash), facts, text));
  range.first = first;
  if (dash != std::string_view::npos) {
    AUTERITY_TRY(last, parse_value(base.substr(dash + 1), facts, text));
    // "FRI-SUN" and "5-0" end on the Sunday after.
    range.last = last == 0 && first > 0 && facts.most == kWeekday.most ? kWeekday.most : last;
  } else if (slash == std::string_view::npos) {
    range.last = range.first;
  }
  if (range.first > range.last) return malformed(facts, text);
  return range;
}

template <std::size_t size>
Status parse_field(std::string_view text, const FieldFacts& facts, std::bitset<size>& values) {
  for (std::string_view rest = text;;) {
    const std::size_t comma = std::min(rest.find(','), rest.size());
    AUTERITY_TRY(range, parse_range(rest.substr(0, comma), facts));
    // 7 is Sunday, as 0 is: the set has one place for both.
    for (int value = range.first; value <= range.last; value += range.step)
      values.set(static_cast<std::size_t>(value) % (size == 7 ? 7 : size));
    if (comma == rest.size()) return {};
    rest.remove_prefix(comma + 1);
  }
}

std::vector<std::string_view> split_fields(std::string_view text) {
  std::vector<std::string_view> fields;
  for (std::size_t at = 0; (at = text.find_first_not_of(" \t", at)) != std::string_view::npos;) {
    const std::size_t end = std::min(text.find_first_of(" \t", at), text.size());
    fields.push_back(text.substr(at, end - at));
    at = end;
  }
  return fields;
}

}  // namespace

Result<CronSchedule> CronSchedule::parse(std::string_view text) {
  if (text.starts_with('@')) {
    const auto* nickname = std::ranges::find(kNicknames, text, &Nickname::name);
    if (nickname == std::end(kNicknames))
      return fail(ErrorKind::invalid_input, fmt::format("{} is no schedule", quoted(text)),
                  "write @hourly, @daily, @weekly, @monthly or @yearly, or five fields");
    text = nickname->fields;
  }
  const auto fields = split_fields(text);
  if (fields.size() != 5)
    return fail(ErrorKind::invalid_input,
                fmt::format("a cron expression has five fields, this one has {}", fields.size()),
                "write minute hour day-of-month month day-of-week, as in '0 2 * * *' for each day "
                "at 02:00 UTC; there is no field for seconds or years");
  CronSchedule schedule;
  AUTERITY_CHECK(parse_field(fields[0], kMinute, schedule.minutes_));
  AUTERITY_CHECK(parse_field(fields[1], kHour, schedule.hours_));
  AUTERITY_CHECK(parse_field(fields[2], kDay, schedule.days_));
  AUTERITY_CHECK(parse_field(fields[3], kMonth, schedule.months_));
  AUTERITY_CHECK(parse_field(fields[4], kWeekday, schedule.weekdays_));
  schedule.any_day_ = fields[2].starts_with('*');
  schedule.any_weekday_ = fields[4].starts_with('*');
  // The gap covers the longest wait from any date, so what has a match after this one has one after
  // each.
  if (!schedule.find_next_after(Time(std::chrono::sys_days(std::chrono::year(2001) / 1 / 1))))
    return fail(ErrorKind::invalid_input,
                fmt::format("no day ever matches the cron expression {}", quoted(text)),
                "check the day of the month against the month");
  return schedule;
}

bool CronSchedule::matches_day(std::chrono::sys_days day) const {
  const std::chrono::year_month_day date(day);
  if (!months_[static_cast<unsigned>(date.month())]) return false;
  const bool day_matches = days_[static_cast<unsigned>(date.day())];
  const bool weekday_matches = weekdays_[std::chrono::weekday(day).c_encoding()];
  // With a step (`*/2`) a field is still "not restricted" in this sense, and both must match.
  return any_day_ || any_weekday_ ? day_matches && weekday_matches : day_matches || weekday_matches;
}

std::optional<Time> CronSchedule::find_next_after(Time time) const {
  const auto start = std::chrono::floor<std::chrono::minutes>(time) + std::chrono::minutes(1);
  const auto first_day = std::chrono::floor<std::chrono::days>(start);
  for (auto day = first_day; day <= first_day + kLongestGap; day += std::chrono::days(1)) {
    if (!matches_day(day)) continue;
    const bool is_first = day == first_day;
    const auto from = is_first ? (start - day).count() : 0;
    for (auto minute = from; minute < 24 * 60; ++minute)
      if (hours_[static_cast<std::size_t>(minute / 60)] &&
          minutes_[static_cast<std::size_t>(minute % 60)])
        return Time(day + std::chrono::minutes(minute));
  }
  return std::nullopt;
}

Time CronSchedule::next_after(Time time) const {
  // parse() has shown that a match exists within each leap cycle.
  return find_next_after(time).value();
}

}  // namespace auterity
