#pragma once
// A batch of writes as SQL, and the server's answer as one outcome a write. Pure. Purpose: the
// fence and the idempotence of writes stand here, in the statements themselves: a save changes its
// row only under the current term and the next seq, checked with the row locked, and puts its
// history beside it in the same statement; a create that may have been written before (`repeat`),
// or that has a start key, looks before it inserts. Every batch is one transaction.
#include <optional>
#include <span>
#include <vector>

#include "core/error.h"
#include "data/database.h"
#include "engine/store/write_batch.h"

namespace auterity::engine {

using WriteSpan = std::span<const Write* const>;

struct BatchStatements {
  std::vector<data::Query> queries;
  // Which query answers for the saves (ids that were applied) and for the creates that looked
  // first.
  std::optional<std::size_t> saves, careful_creates;
};

// `repeat`: the batch may have been committed before, without an answer. `now` decides which start
// keys have expired.
BatchStatements statements_of(WriteSpan batch, bool repeat, Time now);

// nullopt: a save that was not applied; settle() says why.
using Outcome = std::optional<Result<Written>>;
std::vector<Outcome> outcomes_of(WriteSpan batch, bool repeat, const BatchStatements& statements,
                                 const std::vector<data::RowsPtr>& answers);

// Asks where the executions of saves that were not applied stand.
data::Query settling_query(std::span<const SaveWrite* const> saves);
// Success for one whose very checkpoint is there (its first answer was lost), else not_found or
// conflict.
std::vector<Result<Written>> settle(std::span<const SaveWrite* const> saves,
                                    const data::Rows& answer);

// Makes the planner use the indexes whatever the statistics of a young table say; first statement
// of a transaction that joins executions to given ids. Its effect ends with the transaction, while
// plans that connections keep were made under it.
data::Query plan_by_index();

}  // namespace auterity::engine
