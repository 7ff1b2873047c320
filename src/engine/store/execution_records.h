#pragma once
// Rows of workflow_executions as the contract's values: which columns are read, and how. Pure;
// payloads.h turns the stored texts that are left into JSON.
#include <optional>
#include <string>
#include <vector>

#include "core/error.h"
#include "data/database.h"
#include "engine/store/execution_store.h"

namespace auterity::engine {

#define AUTERITY_MICROSECONDS(column) "(extract(epoch FROM " column ") * 1000000)::bigint"

// For read_view(), of the table or alias `e`.
#define AUTERITY_VIEW_COLUMNS \
  "e.id, e.workflow_id, e.status, e.wake, e.input, e.output, e.error, e.trigger, "        \
  "e.started_by, " AUTERITY_MICROSECONDS("e.created_at") ", " AUTERITY_MICROSECONDS(      \
      "e.started_at") ", " AUTERITY_MICROSECONDS("e.finished_at") ", " AUTERITY_MICROSECONDS("e.due_at")

// For read_claimed().
#define AUTERITY_CLAIM_COLUMNS                                                       \
  "e.id, e.workflow_id, e.term, e.seq, e.last_event, e.input, e.traceparent, "       \
  "e.started_by, " AUTERITY_MICROSECONDS("e.created_at") ", " AUTERITY_MICROSECONDS( \
      "e.due_at") ", e.requested"

struct StoredView {
  ExecutionView view;                               // without the three below
  std::optional<std::string> input, output, error;  // stored form
};
Result<StoredView> read_view(const data::Rows& rows, std::size_t row);

struct StoredClaim {
  ClaimedExecution execution;  // without state and input
  std::string input;           // stored form
};
Result<StoredClaim> read_claimed(const data::Rows& rows, std::size_t row);

// 0 for NULL.
std::int64_t number_at(const data::Rows& rows, std::size_t row, std::size_t column);
std::optional<Time> time_at(const data::Rows& rows, std::size_t row, std::size_t column);
std::optional<std::string> text_at(const data::Rows& rows, std::size_t row, std::size_t column);

// A stored JSON document; null for an absent one. internal when it is damaged.
Result<Json> stored_json(std::string_view text);

}  // namespace auterity::engine
