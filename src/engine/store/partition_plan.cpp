#include "engine/store/partition_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "core/uuid.h"

namespace auterity::engine {
namespace {

using std::chrono::days;
using std::chrono::floor;

// 1970-01-05 was the first Monday.
constexpr std::chrono::sys_days kFirstMonday{days(4)};

Time start_of_period(Time time, int width_days) {
  const auto since = floor<days>(time) - kFirstMonday;
  const auto count = since.count();
  const auto width = static_cast<decltype(count)>(width_days);
  const auto periods = count >= 0 ? count / width : -((-count + width - 1) / width);
  return kFirstMonday + days(periods * width);
}

std::optional<Time> time_of_bound(std::string_view& text) {
  const std::size_t open = text.find('\'');
  if (open == std::string_view::npos) return std::nullopt;
  const std::size_t close = text.find('\'', open + 1);
  if (close == std::string_view::npos) return std::nullopt;
  const auto id = parse_uuid(text.substr(open + 1, close - open - 1));
  text.remove_prefix(close + 1);
  if (!id) return std::nullopt;
  return time_of(*id);
}

}  // namespace

std::string partition_suffix(const Partition& partition) {
  const std::chrono::year_month_day date{floor<days>(partition.from)};
  return fmt::format("p{:04}{:02}{:02}", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
}

std::string smallest_id(Time time) {
  Uuid id;
  auto milliseconds =
      static_cast<std::uint64_t>(floor<std::chrono::milliseconds>(time).time_since_epoch().count());
  for (std::size_t i = 6; i-- > 0; milliseconds >>= 8)
    id.bytes[i] = static_cast<std::uint8_t>(milliseconds & 0xff);
  return to_text(id);
}

std::optional<Partition> parse_partition_bound(std::string_view bound) {
  if (!bound.starts_with("FOR VALUES FROM (")) return std::nullopt;
  const auto from = time_of_bound(bound);
  const auto to = time_of_bound(bound);
  if (!from || !to || *from >= *to) return std::nullopt;
  return Partition{*from, *to};
}

std::vector<Partition> missing_partitions(std::vector<Partition> existing, Time from, Time to,
                                          int width_days) {
  std::ranges::sort(existing, {}, &Partition::from);
  std::vector<Partition> missing;
  auto next = existing.begin();
  Time at = std::max(start_of_period(from, width_days), Time{});
  while (at < to) {
    while (next != existing.end() && next->to <= at) ++next;
    if (next != existing.end() && next->from <= at) {
      at = next->to;
      continue;
    }
    Time end = start_of_period(at, width_days) + days(width_days);
    if (next != existing.end()) end = std::min(end, next->from);
    missing.push_back({at, end});
    at = end;
  }
  return missing;
}

std::vector<Partition> expired_partitions(std::vector<Partition> existing, Time now,
                                          Duration keep) {
  std::erase_if(existing, [&](const Partition& partition) { return partition.to > now - keep; });
  std::ranges::sort(existing, {}, &Partition::from);
  return existing;
}

bool is_covered(const std::vector<Partition>& existing, Time time) {
  return std::ranges::any_of(existing, [&](const Partition& partition) {
    return partition.from <= time && time < partition.to;
  });
}

}  // namespace auterity::engine
