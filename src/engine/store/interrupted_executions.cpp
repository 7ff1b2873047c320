#include "engine/store/interrupted_executions.h"

#include <boost/json.hpp>
#include <set>

#include "core/json.h"
#include "engine/store/execution_records.h"
#include "engine/store/payloads.h"

namespace auterity::engine {
namespace {

constexpr std::size_t kPage = 500;

constexpr data::Statement kFind{
    "executions.interrupted",
    "SELECT e.id, coalesce(w.namespace || '/' || w.name || '/' || w.version, ''), e.status, "
    "e.wake, e.last_event, " AUTERITY_MICROSECONDS("e.due_at") ", e.input, h.state, "
    "w.id IS NULL, e.seq > 0 AND h.state IS NULL "
    "FROM workflow_executions e LEFT JOIN workflows w ON w.id = e.workflow_id "
    "LEFT JOIN execution_history h ON h.execution_id = e.id AND h.seq = e.seq "
    "WHERE e.status <> 'completed' "
    "AND e.status IN ('pending', 'running', 'waiting', 'suspended') AND e.id > $1::uuid "
    "ORDER BY e.id LIMIT 500"};

std::string lacks(std::string_view what, const Error& error) {
  return std::string(what) + ": " + error.message;
}

Async<Result<InterruptedExecution>> read(const data::Rows& rows, std::size_t row,
                                         Payloads& payloads) {
  const auto id = parse_uuid(rows.text(row, 0));
  if (!id) co_return fail(ErrorKind::internal, "an execution has no id");
  InterruptedExecution execution{.id = *id,
                                 .workflow = std::string(rows.text(row, 1)),
                                 .status = std::string(rows.text(row, 2)),
                                 .wakes_by = std::string(rows.text(row, 3)),
                                 .last_event = number_at(rows, row, 4),
                                 .due = time_at(rows, row, 5)};
  if (rows.text(row, 8) == "t") execution.damage = "its workflow is missing";
  if (rows.text(row, 9) == "t") execution.damage = "its state is missing";
  const auto input = co_await payloads.fetch(*id, std::string(rows.text(row, 6)));
  if (!input) execution.damage = lacks("its input", input.error());
  if (rows.is_null(row, 7)) co_return execution;
  const auto state = co_await payloads.fetch(*id, std::string(rows.text(row, 7)));
  if (!state)
    execution.damage = lacks("its state", state.error());
  else
    execution.goes_on_at = innermost_tasks(*state);
  co_return execution;
}

}  // namespace

std::vector<std::string> innermost_tasks(std::string_view state) {
  const auto document = parse_json(state, {.max_bytes = 64u << 20});
  const Json* activations = document ? find_member(*document, "activations") : nullptr;
  if (activations == nullptr || !activations->is_array()) return {};
  const auto number = [](const Json& activation, std::string_view name) -> std::int64_t {
    const Json* value = find_member(activation, name);
    return value != nullptr && value->is_int64() ? value->get_int64() : 0;
  };
  std::set<std::int64_t> parents;
  for (const Json& activation : activations->get_array())
    parents.insert(number(activation, "parent"));
  std::vector<std::string> tasks;
  for (const Json& activation : activations->get_array()) {
    const auto task = string_or(find_member(activation, "task"), "");
    if (!task.empty() && !parents.contains(number(activation, "id"))) tasks.emplace_back(task);
  }
  return tasks;
}

Async<Result<std::vector<InterruptedExecution>>> find_interrupted(data::Database& database,
                                                                  data::ObjectStore& objects) {
  Payloads payloads(objects);
  std::vector<InterruptedExecution> found;
  for (Uuid after;;) {
    AUTERITY_CO_TRY(rows, co_await database.read({kFind, {to_text(after)}}));
    for (std::size_t row = 0; row < rows->size(); ++row) {
      AUTERITY_CO_TRY(execution, co_await read(*rows, row, payloads));
      found.push_back(std::move(execution));
    }
    if (rows->size() < kPage) co_return found;
    after = found.back().id;
  }
}

}  // namespace auterity::engine
