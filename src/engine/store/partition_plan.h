#pragma once
// Which partitions of workflow_executions and execution_history there should be. Pure. A partition
// holds the executions created in [from, to), whole days in UTC; the ids' order is the order of
// time, so its bounds are ids, too. Partitions never overlap, even when their width was another one
// before.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/time.h"

namespace auterity::engine {

struct Partition {
  Time from, to;
  bool operator==(const Partition&) const = default;
};

// Both tables' partitions are named by their first day: "p20261123".
std::string partition_suffix(const Partition& partition);
// The smallest id of that time or later, as text: a partition bound.
std::string smallest_id(Time time);
// "FOR VALUES FROM ('…') TO ('…')", as pg_get_expr shows it; nullopt for anything else.
std::optional<Partition> parse_partition_bound(std::string_view bound);

// What is missing so that every moment of [from, to) has a partition: `width_days` wide from
// Mondays on, cut where others are.
std::vector<Partition> missing_partitions(std::vector<Partition> existing, Time from, Time to,
                                          int width_days);
// Those whose newest execution is older than `keep`, oldest first.
std::vector<Partition> expired_partitions(std::vector<Partition> existing, Time now, Duration keep);
bool is_covered(const std::vector<Partition>& existing, Time time);

}  // namespace auterity::engine
