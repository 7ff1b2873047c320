// Starting executions: POST /api/workflows/{id}/execute, one or many.
#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "api/execution_document.h"
#include "api/health/health.h"
#include "api/json_fields.h"
#include "api/paging.h"
#include "api/preferences.h"
#include "api/routes/route_groups.h"
#include "api/services.h"
#include "core/trace_context.h"
#include "engine/executor/engine.h"

namespace auterity::api {
namespace {

constexpr std::size_t kMostInputs = 10'000;
constexpr std::size_t kLongestKey = 255;

Result<std::optional<std::string>> read_idempotency_key(const Request& request) {
  const auto key = request.header("Idempotency-Key");
  if (!key) return std::optional<std::string>{};
  if (key->empty() || key->size() > kLongestKey)
    return fail(ErrorKind::invalid_input, "the Idempotency-Key is empty or longer than 255 bytes",
                "send a UUID");
  return std::optional<std::string>(*key);
}

engine::StartRequest start_request(Services& services, const Exchange& exchange, Uuid workflow_id,
                                   engine::DefinitionPtr definition) {
  engine::StartRequest request;
  request.workflow_id = workflow_id;
  request.definition = std::move(definition);
  request.started_by = exchange.principal->user_id_text;
  if (const auto header = exchange.request.header("traceparent"))
    if (const auto trace = parse_traceparent(*header))
      request.traceparent = trace->child(services.random).traceparent();
  return request;
}

void answer_accepted(Exchange& exchange, JsonObject document, Uuid id) {
  exchange.response.add_header("Location", "/api/executions/" + to_text(id));
  answer_json(exchange, 202, Json(std::move(document)));
}

// In slices, so that a process that drains answers what it knows instead of being cut off.
Async<Result<engine::ExecutionView>> wait_for_end(Services& services, Uuid id, Duration limit) {
  constexpr Duration kSlice = std::chrono::seconds(2);
  const Duration end = services.clock.monotonic() + limit;
  while (true) {
    const Duration rest = end - services.clock.monotonic();
    AUTERITY_CO_TRY(view, co_await services.engine.wait(id, std::clamp(rest, Duration{}, kSlice)));
    if (engine::is_terminal(view.status) || rest <= kSlice || services.health.draining())
      co_return view;
  }
}

Async<Status> execute(Services& services, Exchange& exchange) {
  AUTERITY_CO_TRY(workflow_id, read_id(exchange));
  AUTERITY_CO_TRY(fields, JsonFields::parse(exchange.request.body));
  std::optional<Json> input = fields.value("input");
  AUTERITY_CO_CHECK(fields.check());
  AUTERITY_CO_TRY(key, read_idempotency_key(exchange.request));
  const Preferences preferences = read_preferences(exchange.request);
  AUTERITY_CO_TRY(definition, co_await services.workflows.definition_to_start(workflow_id));
  auto request = start_request(services, exchange, workflow_id, std::move(definition));
  if (input) request.input = std::move(*input);
  request.idempotency_key = std::move(key);
  AUTERITY_CO_TRY(created, co_await services.engine.start(std::move(request)));
  if (preferences.respond_async) {
    exchange.response.add_header("Preference-Applied", "respond-async");
    JsonObject document{
        {"id", to_text(created.id)}, {"workflow_id", to_text(workflow_id)}, {"status", "pending"}};
    answer_accepted(exchange, std::move(document), created.id);
    co_return Status{};
  }
  if (preferences.wait)
    exchange.response.add_header("Preference-Applied",
                                 "wait=" + std::to_string(preferences.wait->count()));
  AUTERITY_CO_TRY(
      view, co_await wait_for_end(services, created.id, preferences.wait.value_or(kDefaultWait)));
  if (engine::is_terminal(view.status))
    answer_json(exchange, 200, describe(view));
  else
    answer_accepted(exchange, describe(view), created.id);
  co_return Status{};
}

Async<Status> execute_many(Services& services, Exchange& exchange) {
  AUTERITY_CO_TRY(workflow_id, read_id(exchange));
  AUTERITY_CO_TRY(fields, JsonFields::parse(exchange.request.body));
  JsonArray inputs = fields.required_array("inputs", kMostInputs);
  AUTERITY_CO_CHECK(fields.check());
  AUTERITY_CO_TRY(definition, co_await services.workflows.definition_to_start(workflow_id));
  std::vector<engine::StartRequest> requests;
  requests.reserve(inputs.size());
  for (Json& input : inputs) {
    requests.push_back(start_request(services, exchange, workflow_id, definition));
    requests.back().input = std::move(input);
  }
  AUTERITY_CO_TRY(created, co_await services.engine.start_many(std::move(requests)));
  JsonArray ids;
  ids.reserve(created.size());
  for (const engine::Created& execution : created) ids.emplace_back(to_text(execution.id));
  const std::size_t count = ids.size();
  answer_json(exchange, 202, JsonObject{{"count", count}, {"ids", std::move(ids)}});
  co_return Status{};
}

}  // namespace

std::vector<Route> execute_routes() {
  return {
      {.method = Method::post,
       .path = "/api/workflows/{id}/execute",
       .permission = Permission::edit,
       .name = "execute",
       .tag = "executions",
       .summary = "Start an execution and wait for its end",
       .answer = execute,
       .body = BodyKind::json,
       .body_limit = 8u << 20,
       .request_schema = "ExecuteRequest",
       .parameters = {{"Prefer", "header",
                       "wait=SECONDS (default 30, at most 120) or respond-async (RFC 7240)."},
                      {"Idempotency-Key", "header",
                       "The same key and input within 24 hours give the same execution again."}},
       .answers = {{200, "It has ended, one way or another: see status.", "Execution"},
                   {202, "It goes on; Location says where to look.", "Execution"}}},
      {.method = Method::post,
       .path = "/api/workflows/{id}/execute/bulk",
       .permission = Permission::edit,
       .name = "executeMany",
       .tag = "executions",
       .summary = "Start up to 10,000 executions in one commit",
       .answer = execute_many,
       .body = BodyKind::json,
       .body_limit = 8u << 20,
       .request_schema = "ExecuteManyRequest",
       .answers = {{202, "All are durable.", "ExecutionIds"}}},
  };
}

}  // namespace auterity::api
