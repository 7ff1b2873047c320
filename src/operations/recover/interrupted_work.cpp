#include "operations/recover/interrupted_work.h"

#include <boost/json.hpp>

namespace auterity::operations {
namespace {

bool was_in_motion(const InterruptedExecution& execution) { return execution.wakes_by == "lease"; }

bool is_late(const InterruptedExecution& execution, Time now) {
  return execution.wakes_by == "timer" && execution.due && *execution.due <= now;
}

std::string_view outlook(const InterruptedExecution& execution, Time now) {
  if (!execution.damage.empty()) return "cannot go on";
  if (was_in_motion(execution)) return "repeats what it did after its last event";
  if (is_late(execution, now)) return "its timer fell due meanwhile and fires once";
  if (execution.wakes_by == "ready") return "goes on";
  return "goes on waiting";
}

}  // namespace

JsonObject to_json(const InterruptedExecution& execution, Time now) {
  JsonArray tasks;
  for (const std::string& task : execution.goes_on_at) tasks.emplace_back(task);
  return {{"id", execution.id},
          {"workflow", execution.workflow},
          {"status", execution.status},
          {"wakes_by", execution.wakes_by},
          {"last_event", execution.last_event},
          {"due", execution.due ? Json(to_rfc3339(*execution.due)) : Json(nullptr)},
          {"goes_on_at", std::move(tasks)},
          {"outlook", outlook(execution, now)},
          {"damage", execution.damage.empty() ? Json(nullptr) : Json(execution.damage)}};
}

InterruptedCounts count(const std::vector<InterruptedExecution>& executions, Time now) {
  InterruptedCounts counts{.all = executions.size()};
  for (const InterruptedExecution& execution : executions) {
    counts.repeated += was_in_motion(execution) ? 1 : 0;
    counts.late += is_late(execution, now) ? 1 : 0;
    counts.damaged += execution.damage.empty() ? 0 : 1;
  }
  return counts;
}

}  // namespace auterity::operations
