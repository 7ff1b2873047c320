#pragma once
// Points in time and durations of the whole project: UTC, microseconds (what PostgreSQL keeps).
#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace auterity {

using Duration = std::chrono::microseconds;
using Time = std::chrono::sys_time<Duration>;

// RFC 3339 UTC, "2026-11-24T05:45:34.123456Z"; fractions are left out when zero.
std::string to_rfc3339(Time time);
// Accepts any RFC 3339 offset; nullopt otherwise.
std::optional<Time> parse_rfc3339(std::string_view text);

inline std::int64_t to_epoch_microseconds(Time time) { return time.time_since_epoch().count(); }
inline Time from_epoch_microseconds(std::int64_t count) { return Time(Duration(count)); }

}  // namespace auterity
