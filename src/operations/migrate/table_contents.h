#pragma once
// How many rows each table holds: what a restored copy is compared by, together with the schema.
#include <cstdint>
#include <map>
#include <string>

#include "core/async.h"
#include "core/error.h"
#include "data/database.h"

namespace auterity::operations {

using RowCounts = std::map<std::string, std::int64_t, std::less<>>;

// Counts every table but the system's and those of extensions, as the session's snapshot sees them.
Async<Result<RowCounts>> count_rows(data::Session& session);
// What the planner estimates, in no time; tables that were never analysed count by their size.
Async<Result<RowCounts>> estimate_rows(data::Session& session);

// "users has 3 rows, not 4; files is missing"; empty when they are the same.
std::string describe_difference(const RowCounts& expected, const RowCounts& found);

}  // namespace auterity::operations
