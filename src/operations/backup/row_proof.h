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
  data::Lsn place;  // of the restore point
  RowCounts rows;
};

// `point` is the restore point's name, at most 63 characters. `database` is the superuser's.
// nullopt when writers could not be kept waiting.
Async<Result<std::optional<RowProof>>> prove_rows(data::Database& database, Clock& clock,
                                                  std::string point);

}  // namespace auterity::operations::backup
