#include "operations/journal/operation_document.h"

#include <boost/json.hpp>

namespace auterity::operations {
namespace {

Json optional_time(const std::optional<Time>& time) {
  return time ? Json(to_rfc3339(*time)) : Json(nullptr);
}

JsonArray steps_of(const OperationHistory& operation) {
  JsonArray steps;
  for (const StepHistory& step : operation.steps)
    steps.push_back(JsonObject{{"name", step.planned.name},
                               {"description", step.planned.description},
                               {"on_undo", name_of(step.planned.undo_policy)},
                               {"state", name_of(step.state)},
                               {"evidence", step.text},
                               {"began_at", optional_time(step.began_at)},
                               {"at", optional_time(step.at)}});
  return steps;
}

JsonArray continuations_of(const OperationHistory& operation) {
  JsonArray continuations;
  for (const Continuation& continuation : operation.continuations)
    continuations.push_back(JsonObject{{"what", name_of(continuation.kind)},
                                       {"at", to_rfc3339(continuation.at)},
                                       {"who", continuation.by.who},
                                       {"why", continuation.by.why},
                                       {"program", continuation.by.program}});
  return continuations;
}

}  // namespace

JsonObject summary_document(const OperationHistory& operation, bool lock_held) {
  return {{"id", operation.id},
          {"kind", operation.plan.operation},
          {"environment", operation.plan.environment},
          {"state", operation.state_name(lock_held)},
          {"who", operation.attribution.who},
          {"why", operation.attribution.why},
          {"program", operation.attribution.program},
          {"started_at", to_rfc3339(operation.started_at)},
          {"finished_at", optional_time(operation.finished_at)},
          {"failure", operation.failure}};
}

JsonObject operation_document(const OperationHistory& operation, bool lock_held) {
  JsonObject document = summary_document(operation, lock_held);
  document["request"] = operation.request;
  document["term"] = operation.term;
  document["satisfied"] =
      JsonArray(operation.plan.satisfied.begin(), operation.plan.satisfied.end());
  document["changes"] = changes_document(operation.plan);
  document["steps"] = steps_of(operation);
  document["continuations"] = continuations_of(operation);
  return document;
}

}  // namespace auterity::operations
