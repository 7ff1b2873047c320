#include "engine/definition/duration.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/object.hpp>
#include <charconv>
#include <optional>

#include "engine/definition/problem_list.h"

namespace auterity::engine {
namespace {

constexpr auto kHint = "write it as ISO 8601, such as PT30S, PT1H30M or P1D, or as {seconds: 30}";

struct Unit {
  char letter;
  bool is_time;  // stands behind the T
  std::int64_t microseconds;
};
constexpr std::int64_t kSecond = 1'000'000;
constexpr std::int64_t kDay = 86'400 * kSecond;
// In the order ISO 8601 wants them.
constexpr Unit kUnits[] = {
    {'Y', false, 365 * kDay}, {'M', false, 30 * kDay},      {'W', false, 7 * kDay},
    {'D', false, kDay},       {'H', true, 3'600 * kSecond}, {'M', true, 60 * kSecond},
    {'S', true, kSecond},
};

std::unexpected<Error> malformed(std::string_view text) {
  return fail(ErrorKind::invalid_input, fmt::format("{} is no duration", quoted(text)), kHint);
}
std::unexpected<Error> too_long() {
  return fail(ErrorKind::too_large, "a duration of more than 100 years", "write a shorter one");
}

// "12" or "12.5" at the front of `text`, taken off.
struct Number {
  std::int64_t whole = 0;
  std::string_view fraction;
};
std::optional<Number> take_number(std::string_view& text) {
  Number number;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number.whole);
  if (error == std::errc::invalid_argument || text.starts_with('-')) return std::nullopt;
  // More digits than 64 bits hold: too long in any unit.
  if (error != std::errc{}) number.whole = INT64_MAX;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  if (!text.starts_with('.')) return number;
  text.remove_prefix(1);
  const std::size_t length = std::min(text.find_first_not_of("0123456789"), text.size());
  if (length == 0) return std::nullopt;
  number.fraction = text.substr(0, length);
  text.remove_prefix(length);
  return number;
}

// Adds amount × unit; false when the sum passes the limit.
bool add(std::int64_t& total, const Number& number, std::int64_t unit) {
  if (number.whole > kLongestDuration.count() / unit) return false;
  total += number.whole * unit;
  double part = 0.1;
  double fraction = 0;
  for (const char digit : number.fraction.substr(0, 18)) {
    fraction += part * (digit - '0');
    part /= 10;
  }
  total += static_cast<std::int64_t>(fraction * static_cast<double>(unit) + 1e-4);
  return total <= kLongestDuration.count();
}

Result<Duration> from_object(const JsonObject& object) {
  struct Member {
    std::string_view name;
    std::int64_t microseconds;
  };
  constexpr Member kMembers[] = {{"days", kDay},
                                 {"hours", 3'600 * kSecond},
                                 {"minutes", 60 * kSecond},
                                 {"seconds", kSecond},
                                 {"milliseconds", 1'000}};
  if (object.empty()) return fail(ErrorKind::invalid_input, "an empty duration", kHint);
  std::int64_t total = 0;
  for (const auto& member : object) {
    const auto* unit = std::ranges::find(kMembers, std::string_view(member.key()), &Member::name);
    if (unit == std::end(kMembers))
      return fail(
          ErrorKind::invalid_input,
          fmt::format("a duration has no member {}", quoted(std::string_view(member.key()))),
          kHint);
    const auto* count = member.value().if_int64();
    if (count == nullptr || *count < 0)
      return fail(ErrorKind::invalid_input,
                  fmt::format("{} of a duration must be a whole number of 0 or more", unit->name),
                  kHint);
    if (!add(total, {*count, {}}, unit->microseconds)) return too_long();
  }
  return Duration(total);
}

}  // namespace

Result<Duration> parse_duration(std::string_view text) {
  std::string_view rest = text;
  if (!rest.starts_with('P')) return malformed(text);
  rest.remove_prefix(1);
  std::int64_t total = 0;
  bool in_time = false, any = false;
  for (const Unit* next = std::begin(kUnits); !rest.empty();) {
    if (!in_time && rest.starts_with('T')) {
      in_time = true;
      rest.remove_prefix(1);
      if (rest.empty()) return malformed(text);
    }
    const auto number = take_number(rest);
    if (!number || rest.empty()) return malformed(text);
    while (next != std::end(kUnits) && (next->letter != rest.front() || next->is_time != in_time))
      ++next;
    if (next == std::end(kUnits)) return malformed(text);
    if (!add(total, *number, next->microseconds)) return too_long();
    any = true;
    ++next;
    rest.remove_prefix(1);
  }
  if (!any) return malformed(text);
  return Duration(total);
}

Result<Duration> to_duration(const Json& value) {
  if (const auto* text = value.if_string()) return parse_duration(*text);
  if (const auto* object = value.if_object()) return from_object(*object);
  return fail(ErrorKind::invalid_input, "a duration must be text or a map", kHint);
}

}  // namespace auterity::engine
