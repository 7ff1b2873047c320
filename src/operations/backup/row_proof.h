#pragma once
// How many rows each table has at an exact place in the log, so that a copy that was recovered to
// there can be compared to the row. Every writer is kept waiting while a snapshot and a named
// restore point are taken together, which takes milliseconds; the rows are counted afterwards in
// that snapshot, with nobody waiting. A transaction that writes for long is not waited for: then
// there is no proof, and the backup says so.
#include <optional>
#include <string>

#include "core/clock.h"
#include "data/database.h"
#include "data/postgres/lsn.h"
#include "operations/migrate/table_contents.h"

namespace auterity::operations::backup {

struct RowProof {
  std::string point;  // the name of the restore point
  data::Lsn place;    // of it
  RowCounts rows;
};

// Each attempt makes a restore point of its own, since recovery stops at the first of a name:
// `point` with a space and a digit, at most 63 characters in all. `database` is the superuser's.
// nullopt when writers could not be kept waiting.
Async<Result<std::optional<RowProof>>> prove_rows(data::Database& database, Clock& clock,
                                                  std::string point);

}  // namespace auterity::operations::backup
