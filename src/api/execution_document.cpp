#include "api/execution_document.h"

#include <boost/json/object.hpp>

namespace auterity::api {
namespace {

Json optional_time(const std::optional<Time>& time) {
  return time ? Json(to_rfc3339(*time)) : Json();
}

}  // namespace

JsonObject describe(const engine::ExecutionView& execution) {
  JsonObject document{{"id", to_text(execution.id)},
                      {"workflow_id", to_text(execution.workflow_id)},
                      {"status", engine::to_text(execution.status)},
                      {"input", execution.input},
                      {"output", execution.output},
                      {"error", execution.error},
                      {"trigger", execution.trigger},
                      {"started_by", execution.started_by},
                      {"created_at", to_rfc3339(execution.created_at)},
                      {"started_at", optional_time(execution.started_at)},
                      {"finished_at", optional_time(execution.finished_at)},
                      {"wake_at", optional_time(execution.wake_at)}};
  Json duration;
  if (execution.started_at && execution.finished_at)
    duration =
        std::chrono::duration<double, std::milli>(*execution.finished_at - *execution.started_at)
            .count();
  document["duration_ms"] = std::move(duration);
  return document;
}

JsonObject describe(const engine::HistoryEvent& event) {
  return {{"number", event.number},
          {"at", to_rfc3339(event.at)},
          {"type", event.type},
          {"task", event.task},
          {"data", event.data}};
}

}  // namespace auterity::api
