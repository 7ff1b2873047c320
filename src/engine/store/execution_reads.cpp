#include "engine/store/execution_reads.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/store/history_text.h"

namespace auterity::engine {
namespace {

using data::RowsPtr;
using data::Statement;

constexpr std::size_t kMaxPage = 1000;
constexpr std::string_view kAfterAll = "ffffffff-ffff-ffff-ffff-ffffffffffff";

#define SELECT_VIEW "SELECT " AUTERITY_VIEW_COLUMNS " FROM workflow_executions e WHERE "
#define PAGE " ORDER BY e.id DESC LIMIT $2::bigint"
// Pages are ranges of the whole index key, ordered by all of it: that order no other index has, so
// that a plan made without knowing the values cannot walk the primary key and throw away millions
// of rows of other workflows or states.
#define WORKFLOW_PAGE " ORDER BY e.workflow_id DESC, e.id DESC LIMIT $2::bigint"
#define OF_WORKFLOW "(e.workflow_id, e.id) < ($3::uuid, $1::uuid) AND e.workflow_id >= $3::uuid"

constexpr Statement kFind{"executions.find", SELECT_VIEW "e.id = $1::uuid"};
constexpr Statement kList{"executions.list", SELECT_VIEW "e.id < $1::uuid" PAGE};
constexpr Statement kListOfWorkflow{"executions.list_of_workflow",
                                    SELECT_VIEW OF_WORKFLOW WORKFLOW_PAGE};
// Completed ones are the bulk: their lists pass over the others.
constexpr Statement kListCompleted{"executions.list_completed",
                                   SELECT_VIEW "e.status = 'completed' AND e.id < $1::uuid" PAGE};
constexpr Statement kListOfWorkflowCompleted{"executions.list_of_workflow_completed",
                                             SELECT_VIEW OF_WORKFLOW
                                             " AND e.status = 'completed'" WORKFLOW_PAGE};
// "<> 'completed'" is what the partial indexes say.
constexpr Statement kListByStatus{
    "executions.list_by_status", SELECT_VIEW
    "(e.status, e.id) < ($3::execution_status, $1::uuid)"
    " AND e.status >= $3::execution_status AND e.status <> 'completed'"
    " ORDER BY e.status DESC, e.id DESC LIMIT $2::bigint"};
constexpr Statement kListOfWorkflowByStatus{
    "executions.list_of_workflow_by_status", SELECT_VIEW
    "(e.workflow_id, e.status, e.id) < ($3::uuid, $4::execution_status, $1::uuid)"
    " AND (e.workflow_id, e.status) >= ($3::uuid, $4::execution_status)"
    " AND e.status <> 'completed'"
    " ORDER BY e.workflow_id DESC, e.status DESC, e.id DESC LIMIT $2::bigint"};

constexpr Statement kHistory{
    "executions.history",
    "SELECT format, events FROM execution_history WHERE execution_id = $1::uuid"
    " AND last_event > $2::bigint ORDER BY seq LIMIT $3::bigint"};

// An ended execution's last row may have no state: the one before it is where a restart begins.
constexpr Statement kInspect{
    "executions.inspect",
    "SELECT " AUTERITY_CLAIM_COLUMNS
    ", (SELECT h.state FROM execution_history h"
    " WHERE h.execution_id = $1::uuid AND h.state IS NOT NULL ORDER BY h.seq DESC LIMIT 1) "
    "FROM workflow_executions e WHERE e.id = $1::uuid"};

data::Query list_query(const ExecutionFilter& filter) {
  data::Query query{kList,
                    {filter.before ? to_text(*filter.before) : std::string(kAfterAll),
                     std::to_string(std::clamp<std::size_t>(filter.limit, 1, kMaxPage))}};
  const bool completed = filter.status == ExecutionStatus::completed;
  if (filter.workflow_id) {
    query.parameters.emplace_back(to_text(*filter.workflow_id));
    query.statement = !filter.status ? kListOfWorkflow
                      : completed    ? kListOfWorkflowCompleted
                                     : kListOfWorkflowByStatus;
  } else if (filter.status) {
    query.statement = completed ? kListCompleted : kListByStatus;
  }
  if (filter.status && !completed) query.parameters.emplace_back(to_text(*filter.status));
  return query;
}

std::unexpected<Error> no_execution(const Uuid& id) {
  return fail(ErrorKind::not_found, fmt::format("no execution has the id {}", to_text(id)),
              "list executions to find the right one");
}

}  // namespace

Async<Result<Json>> ExecutionReads::document(Uuid id, std::optional<std::string> stored) {
  if (!stored) co_return Json(nullptr);
  AUTERITY_CO_TRY(text, co_await payloads_.fetch(id, std::move(*stored)));
  co_return stored_json(text);
}

Async<Result<ExecutionView>> ExecutionReads::view_of(RowsPtr rows, std::size_t row) {
  AUTERITY_CO_TRY(stored, read_view(*rows, row));
  ExecutionView view = std::move(stored.view);
  AUTERITY_CO_TRY(input, co_await document(view.id, std::move(stored.input)));
  AUTERITY_CO_TRY(output, co_await document(view.id, std::move(stored.output)));
  AUTERITY_CO_TRY(error, co_await document(view.id, std::move(stored.error)));
  view.input = std::move(input);
  view.output = std::move(output);
  view.error = std::move(error);
  co_return view;
}

Async<Result<ExecutionView>> ExecutionReads::find(Uuid id) {
  AUTERITY_CO_TRY(rows, co_await database_.read({kFind, {to_text(id)}}));
  if (rows->size() == 0) co_return no_execution(id);
  co_return co_await view_of(std::move(rows), 0);
}

Async<Result<std::vector<ExecutionView>>> ExecutionReads::list(ExecutionFilter filter) {
  AUTERITY_CO_TRY(rows, co_await database_.read(list_query(filter)));
  std::vector<ExecutionView> views;
  views.reserve(rows->size());
  for (std::size_t row = 0; row < rows->size(); ++row) {
    AUTERITY_CO_TRY(view, co_await view_of(rows, row));
    views.push_back(std::move(view));
  }
  co_return views;
}

Async<Result<std::vector<HistoryEvent>>> ExecutionReads::history(Uuid id, std::int64_t after,
                                                                 std::size_t limit) {
  // A row that passes the filter holds at least one event, so `limit` rows are enough.
  AUTERITY_CO_TRY(rows,
                  co_await database_.read(
                      {kHistory, {to_text(id), std::to_string(after), std::to_string(limit)}}));
  std::vector<HistoryEvent> events;
  for (std::size_t row = 0; row < rows->size() && events.size() < limit; ++row) {
    AUTERITY_CO_TRY(text, co_await payloads_.fetch(id, std::string(rows->text(row, 1))));
    AUTERITY_CO_TRY(of_row, history_from_text(static_cast<int>(number_at(*rows, row, 0)), text));
    for (HistoryEvent& event : of_row)
      if (event.number > after && events.size() < limit) events.push_back(std::move(event));
  }
  co_return events;
}

Async<Result<ClaimedExecution>> ExecutionReads::inspect(Uuid id) {
  AUTERITY_CO_TRY(rows, co_await database_.read({kInspect, {to_text(id)}}));
  if (rows->size() == 0) co_return no_execution(id);
  AUTERITY_CO_TRY(stored, read_claimed(*rows, 0));
  ClaimedExecution execution = std::move(stored.execution);
  AUTERITY_CO_TRY(input, co_await document(id, std::move(stored.input)));
  execution.input = std::move(input);
  if (auto state = text_at(*rows, 0, 11)) {
    AUTERITY_CO_TRY(text, co_await payloads_.fetch(id, std::move(*state)));
    execution.state = std::move(text);
  }
  co_return execution;
}

}  // namespace auterity::engine
