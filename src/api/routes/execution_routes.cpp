// /api/executions: looking at executions, their history live or as a list, and controlling them.
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <charconv>

#include "api/event_stream/execution_feed.h"
#include "api/execution_document.h"
#include "api/json_fields.h"
#include "api/paging.h"
#include "api/routes/route_groups.h"
#include "api/services.h"
#include "engine/executor/engine.h"

namespace auterity::api {
namespace {

using engine::ControlAction;

Result<engine::ExecutionFilter> read_filter(const Request& request) {
  AUTERITY_TRY(page, read_page(request));
  engine::ExecutionFilter filter;
  filter.limit = page.limit;
  filter.before = page.before;
  if (const auto text = request.query_parameter("workflow_id")) {
    filter.workflow_id = parse_uuid(*text);
    if (!filter.workflow_id)
      return fail(ErrorKind::invalid_input, "workflow_id is not a UUID", "see GET /api/workflows");
  }
  if (const auto text = request.query_parameter("status")) {
    filter.status = engine::parse_execution_status(*text);
    if (!filter.status)
      return fail(ErrorKind::invalid_input, "status is not a status of an execution",
                  "one of: pending running waiting suspended cancelled faulted completed");
  }
  return filter;
}

Result<std::int64_t> read_event_number(std::string_view text, std::string_view where) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc() && end == text.data() + text.size() && number >= 0) return number;
  return fail(ErrorKind::invalid_input, std::string(where) + " is not the number of an event",
              "send the id of the last event you have seen, or leave it out");
}

Async<Status> list_executions(Services& services, Exchange& exchange) {
  AUTERITY_CO_TRY(filter, read_filter(exchange.request));
  const Page page{filter.limit, filter.before};
  AUTERITY_CO_TRY(executions, co_await services.executions.list(std::move(filter)));
  JsonArray items;
  for (const engine::ExecutionView& execution : executions) items.push_back(describe(execution));
  answer_page(exchange, std::move(items), page, executions.empty() ? Uuid{} : executions.back().id);
  co_return Status{};
}

Async<Status> show_execution(Services& services, Exchange& exchange) {
  AUTERITY_CO_TRY(id, read_id(exchange));
  AUTERITY_CO_TRY(execution, co_await services.executions.find(id));
  answer_json(exchange, 200, describe(execution));
  co_return Status{};
}

Async<Status> show_history(Services& services, Exchange& exchange, Uuid id) {
  Page page;
  std::int64_t after = 0;
  if (const auto cursor = exchange.request.query_parameter("cursor")) {
    AUTERITY_CO_TRY(number, read_event_number(*cursor, "the cursor"));
    after = number;
  }
  if (const auto limit = exchange.request.query_parameter("limit")) {
    AUTERITY_CO_TRY(number, read_event_number(*limit, "limit"));
    if (number < 1 || number > 1000)
      co_return fail(ErrorKind::invalid_input, "limit is not a number from 1 to 1000",
                     "leave it out for 50 events a page");
    page.limit = static_cast<std::size_t>(number);
  }
  AUTERITY_CO_CHECK(co_await services.executions.find(id));
  AUTERITY_CO_TRY(events, co_await services.executions.history(id, after, page.limit));
  JsonArray items;
  for (const engine::HistoryEvent& event : events) items.push_back(describe(event));
  Json cursor;
  if (events.size() == page.limit) cursor = std::to_string(events.back().number);
  answer_json(exchange, 200,
              JsonObject{{"items", std::move(items)}, {"next_cursor", std::move(cursor)}});
  co_return Status{};
}

Async<Status> stream_events(Services& services, Exchange& exchange, Uuid id) {
  std::int64_t after = 0;
  if (const auto last = exchange.request.header("Last-Event-ID")) {
    AUTERITY_CO_TRY(number, read_event_number(*last, "Last-Event-ID"));
    after = number;
  }
  AUTERITY_CO_TRY(stream, co_await services.feed.open(id, after));
  if (!stream) {
    // Nothing will ever follow: tells an EventSource to stop reconnecting.
    exchange.response.status = 204;
    co_return Status{};
  }
  exchange.response.content_type = "text/event-stream";
  exchange.response.add_header("Cache-Control", "no-cache");
  exchange.response.add_header("X-Accel-Buffering", "no");
  exchange.response.event_stream = true;
  exchange.response.stream = std::move(stream);
  co_return Status{};
}

Async<Status> show_events(Services& services, Exchange& exchange) {
  AUTERITY_CO_TRY(id, read_id(exchange));
  const auto accept = exchange.request.header("Accept");
  if (accept && accept->find("text/event-stream") != std::string_view::npos)
    co_return co_await stream_events(services, exchange, id);
  co_return co_await show_history(services, exchange, id);
}

Async<Status> control(Services& services, Exchange& exchange, ControlAction action) {
  AUTERITY_CO_TRY(id, read_id(exchange));
  AUTERITY_CO_CHECK(co_await services.engine.request(id, action));
  AUTERITY_CO_TRY(execution, co_await services.executions.find(id));
  answer_json(exchange, 202, describe(execution));
  co_return Status{};
}

Async<Status> cancel(Services& services, Exchange& exchange) {
  return control(services, exchange, ControlAction::cancel);
}
Async<Status> suspend(Services& services, Exchange& exchange) {
  return control(services, exchange, ControlAction::suspend);
}
Async<Status> resume(Services& services, Exchange& exchange) {
  return control(services, exchange, ControlAction::resume);
}

Async<Status> restart(Services& services, Exchange& exchange) {
  AUTERITY_CO_TRY(id, read_id(exchange));
  AUTERITY_CO_TRY(fields, JsonFields::parse(exchange.request.body));
  std::string from = fields.text("from", 4096).value_or("");
  AUTERITY_CO_CHECK(fields.check());
  AUTERITY_CO_CHECK(co_await services.engine.restart(id, std::move(from)));
  AUTERITY_CO_TRY(execution, co_await services.executions.find(id));
  answer_json(exchange, 202, describe(execution));
  co_return Status{};
}

Route control_route(std::string_view path, std::string_view name, std::string_view summary,
                    Answer answer) {
  return {.method = Method::post,
          .path = path,
          .permission = Permission::control,
          .name = name,
          .tag = "executions",
          .summary = summary,
          .answer = answer,
          .answers = {{202, "Asked for; the execution shows when it is done.", "Execution"}}};
}

}  // namespace

std::vector<Route> execution_routes() {
  std::vector<ParameterFacts> filters = page_parameters();
  filters.push_back({"workflow_id", "query", "Only executions of this version of a workflow.",
                     R"({"type":"string","format":"uuid"})"});
  filters.push_back({"status", "query", "Only executions in this status.",
                     R"({"$ref":"#/components/schemas/ExecutionStatus"})"});
  std::vector<Route> routes{
      {.method = Method::get,
       .path = "/api/executions",
       .permission = Permission::view,
       .name = "listExecutions",
       .tag = "executions",
       .summary = "Executions, newest first",
       .answer = list_executions,
       .parameters = std::move(filters),
       .answers = {{200, "A page.", "ExecutionPage"}}},
      {.method = Method::get,
       .path = "/api/executions/{id}",
       .permission = Permission::view,
       .name = "getExecution",
       .tag = "executions",
       .summary = "One execution",
       .answer = show_execution,
       .answers = {{200, "The execution.", "Execution"}}},
      {.method = Method::get,
       .path = "/api/executions/{id}/events",
       .permission = Permission::view,
       .name = "getEvents",
       .tag = "executions",
       .summary = "What happened: a list, or live with Accept: text/event-stream",
       .answer = show_events,
       .parameters = {{"limit", "query", "Events a page.",
                       R"({"type":"integer","minimum":1,"maximum":1000,"default":50})"},
                      {"cursor", "query", "next_cursor of the page before."},
                      {"Last-Event-ID", "header", "Live: go on after this event."}},
       .answers = {{200, "The history.", "EventPage"},
                   {204, "Live: it has ended and nothing follows.", ""}}},
      {.method = Method::post,
       .path = "/api/executions/{id}/restart",
       .permission = Permission::control,
       .name = "restartExecution",
       .tag = "executions",
       .summary = "Begin again, from a task or from the start, keeping what came before",
       .answer = restart,
       .body = BodyKind::json,
       .request_schema = "RestartRequest",
       .answers = {{202, "It goes on from there.", "Execution"}}},
  };
  routes.push_back(control_route("/api/executions/{id}/cancel", "cancelExecution",
                                 "Cancel a running execution", cancel));
  routes.push_back(control_route("/api/executions/{id}/suspend", "suspendExecution",
                                 "Suspend it until it is resumed", suspend));
  routes.push_back(control_route("/api/executions/{id}/resume", "resumeExecution",
                                 "Resume a suspended execution", resume));
  return routes;
}

}  // namespace auterity::api
