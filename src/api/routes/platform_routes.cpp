// The platform about itself: /metrics, /api/status, /api/operations, /api/backups, /api/events,
// /api/openapi.json.
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "api/backups_view.h"
#include "api/event_stream/execution_feed.h"
#include "api/health/health.h"
#include "api/metrics_page/metrics_page.h"
#include "api/operations_view.h"
#include "api/paging.h"
#include "api/platform_status.h"
#include "api/problem.h"
#include "api/routes/route_groups.h"
#include "api/services.h"
#include "core/version.h"
#include "engine/executor/engine.h"

namespace auterity::api {
namespace {

Async<Status> show_metrics(Services& services, Exchange& exchange) {
  exchange.response.body = co_await services.metrics_page.all();
  exchange.response.content_type = kMetricsContentType;
  co_return Status{};
}

void show_status(Services& services, Exchange& exchange) {
  const PlatformStatus& platform = services.platform;
  const Duration up = services.clock.now() - platform.started_at;
  JsonObject dependencies;
  for (const DependencyHealth& dependency : services.health.dependencies())
    dependencies[dependency.name] = to_text(dependency.state);
  const Readiness readiness = services.health.readiness();
  answer_json(exchange, 200,
              JsonObject{{"status", services.health.overall()},
                         {"ready", readiness.ready},
                         {"version", version()},
                         {"instance", platform.instance},
                         {"colour", platform.colour},
                         {"url", platform.base_url},
                         {"schema_revision", readiness.schema_revision},
                         {"started_at", to_rfc3339(platform.started_at)},
                         {"uptime_seconds", std::chrono::duration<double>(up).count()},
                         {"executions_in_memory", services.engine.in_memory()},
                         {"event_streams", services.feed.streams()},
                         {"dependencies", std::move(dependencies)}});
}

std::unexpected<Error> refused_cursor() {
  return fail(ErrorKind::invalid_input, "the cursor is malformed",
              "send next_cursor of the page before, unchanged");
}

void answer_page(Exchange& exchange, JsonArray items, const std::string& next) {
  answer_json(
      exchange, 200,
      JsonObject{{"items", std::move(items)}, {"next_cursor", next.empty() ? Json() : Json(next)}});
}

Async<Status> list_operations(Services& services, Exchange& exchange) {
  AUTERITY_CO_TRY(limit, read_limit(exchange.request));
  const auto cursor = exchange.request.query_parameter("cursor");
  if (cursor && !is_operation_id(*cursor)) co_return refused_cursor();
  AUTERITY_CO_TRY(page, co_await services.operations.list(
                            {.before = cursor.value_or(std::string()), .limit = limit}));
  answer_page(exchange, std::move(page.items), page.next);
  co_return Status{};
}

// Digits, letters and one dash (operations/backup/manifest.h).
bool is_stamp(std::string_view text) {
  constexpr std::string_view kForm = "20261124T103000Z-0123456789ab";
  return text.size() == kForm.size() && text.find_first_not_of("0123456789abcdefTZ-") == text.npos;
}

Async<Status> list_backups(Services& services, Exchange& exchange) {
  AUTERITY_CO_TRY(limit, read_limit(exchange.request));
  const auto cursor = exchange.request.query_parameter("cursor");
  if (cursor && !is_stamp(*cursor)) co_return refused_cursor();
  AUTERITY_CO_TRY(page, co_await services.backups.list(cursor.value_or(std::string()), limit));
  answer_page(exchange, std::move(page.items), page.next);
  co_return Status{};
}

Async<Status> show_operation(Services& services, Exchange& exchange) {
  AUTERITY_CO_TRY(operation, co_await services.operations.find(exchange.path_parameter));
  answer_json(exchange, 200, operation);
  co_return Status{};
}

void refuse_events(Services&, Exchange& exchange) {
  answer_problem(exchange,
                 problem_of_status(501, "this build has no listeners for events yet",
                                   "start executions with POST /api/workflows/{id}/execute"));
}

void show_openapi(Services& services, Exchange& exchange) {
  exchange.response.body = services.openapi;
}

}  // namespace

std::vector<Route> platform_routes() {
  return {
      {.method = Method::get,
       .path = "/metrics",
       .permission = Permission::operate,
       .name = "getMetrics",
       .tag = "platform",
       .summary = "Metrics of all replicas added up; no token needed on this machine",
       .answer = show_metrics,
       .answers = {{200, "Prometheus text.", "Text", "text/plain"}},
       .open_to_this_machine = true,
       .is_probe = true},
      {.method = Method::get,
       .path = "/api/status",
       .permission = Permission::view,
       .name = "getStatus",
       .tag = "platform",
       .summary = "The process that answers and what it depends on",
       .answer_at_once = show_status,
       .answers = {{200, "The state.", "PlatformStatus"}}},
      {.method = Method::get,
       .path = "/api/operations",
       .permission = Permission::operate,
       .name = "listOperations",
       .tag = "platform",
       .summary = "What was done to the platform, newest first",
       .answer = list_operations,
       .parameters = page_parameters(),
       .answers = {{200, "A page.", "OperationPage"}}},
      {.method = Method::get,
       .path = "/api/operations/{id}",
       .permission = Permission::operate,
       .name = "getOperation",
       .tag = "platform",
       .summary = "One operation with its steps and their evidence",
       .answer = show_operation,
       .answers = {{200, "The operation.", "Operation"}}},
      {.method = Method::get,
       .path = "/api/backups",
       .permission = Permission::operate,
       .name = "listBackups",
       .tag = "platform",
       .summary = "Backups of the platform, newest first, with what is known of their proof",
       .answer = list_backups,
       .parameters = page_parameters(),
       .answers = {{200, "A page.", "BackupPage"}}},
      {.method = Method::post,
       .path = "/api/events",
       .permission = Permission::edit,
       .name = "sendEvents",
       .tag = "events",
       .summary = "Deliver CloudEvents to listeners",
       .answer_at_once = refuse_events,
       .answers = {{501, "This build has no listeners yet.", "Problem",
                    "application/problem+json"}}},
      {.method = Method::get,
       .path = "/api/openapi.json",
       .permission = Permission::public_access,
       .name = "getOpenApi",
       .tag = "platform",
       .summary = "This document",
       .answer_at_once = show_openapi,
       .answers = {{200, "OpenAPI 3.1.", "Any"}}},
  };
}

}  // namespace auterity::api
