#pragma once
// Rows over a libpq result, which it owns.
#include <memory>

#include "data/database.h"

struct pg_result;

namespace auterity::data {

// Takes `result` over.
RowsPtr make_rows(pg_result* result);

}  // namespace auterity::data
