#pragma once
// Lengths of time as the DSL writes them: ISO 8601 text ("PT1H30M", by the schema's pattern) or an
// object {days, hours, minutes, seconds, milliseconds}. A year counts 365 days and a month 30,
// since a duration here has no calendar. At most 100 years, never negative; microseconds, cut off
// below.
#include <string_view>

#include "core/error.h"
#include "core/json.h"
#include "core/time.h"

namespace auterity::engine {

inline constexpr Duration kLongestDuration = std::chrono::days(36525);

// invalid_input, with an example of what to write; too_large over kLongestDuration.
Result<Duration> parse_duration(std::string_view text);
// A text or an object, as a literal has it and as an expression may yield it; anything else
// (numbers too) is invalid_input.
Result<Duration> to_duration(const Json& value);

}  // namespace auterity::engine
