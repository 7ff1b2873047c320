#include "api/routing/openapi.h"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <cassert>
#include <string>

#include "api/routing/openapi_schemas.h"
#include "api/routing/router.h"
#include "core/version.h"

namespace auterity::api {
namespace {

Json parsed(std::string_view text) {
  Result<Json> value = parse_json(text);
  assert(value && "a schema in the table of routes is JSON");
  return std::move(*value);
}

Json reference_to(std::string_view schema) {
  return JsonObject{{"$ref", "#/components/schemas/" + std::string(schema)}};
}

JsonObject content(std::string_view type, std::string_view schema) {
  return {{type, JsonObject{{"schema", reference_to(schema)}}}};
}

JsonArray parameters_of(const Route& route) {
  JsonArray parameters;
  const std::size_t open = route.path.find('{'), close = route.path.find('}');
  if (open != std::string_view::npos) {
    const std::string_view name = route.path.substr(open + 1, close - open - 1);
    const bool is_uuid = name == "id" && !route.path.starts_with("/api/operations");
    Json schema = is_uuid ? reference_to("Id") : reference_to("Text");
    parameters.push_back(JsonObject{
        {"name", name}, {"in", "path"}, {"required", true}, {"schema", std::move(schema)}});
  }
  for (const ParameterFacts& parameter : route.parameters)
    parameters.push_back(JsonObject{{"name", parameter.name},
                                    {"in", parameter.place},
                                    {"required", parameter.required},
                                    {"description", parameter.description},
                                    {"schema", parsed(parameter.schema)}});
  return parameters;
}

JsonObject body_of(const Route& route) {
  JsonObject media;
  if (route.body == BodyKind::bytes) {
    media = content("application/octet-stream", "Bytes");
  } else {
    media = content("application/json", route.request_schema);
    if (route.body == BodyKind::definition)
      media["application/yaml"] = JsonObject{{"schema", reference_to(route.request_schema)}};
  }
  return {{"required", true}, {"content", std::move(media)}};
}

JsonObject responses_of(const Route& route) {
  JsonObject responses;
  for (const AnswerFacts& answer : route.answers) {
    JsonObject response{{"description", answer.description}};
    if (!answer.schema.empty()) response["content"] = content(answer.content_type, answer.schema);
    if (route.name == "getEvents" && answer.status == 200)
      response["content"].as_object()["text/event-stream"] =
          JsonObject{{"schema", reference_to("Text")}};
    responses[std::to_string(answer.status)] = std::move(response);
  }
  const auto add_problem = [&](std::string_view status) {
    if (!responses.contains(status))
      responses[status] = JsonObject{{"$ref", "#/components/responses/Problem"}};
  };
  if (route.permission != Permission::public_access) add_problem("401");
  if (route.permission != Permission::public_access && route.permission != Permission::signed_in)
    add_problem("403");
  if (route.path.find('{') != std::string_view::npos) add_problem("404");
  add_problem("4XX");
  add_problem("5XX");
  return responses;
}

JsonObject operation_of(const Route& route) {
  JsonObject operation{{"operationId", route.name},
                       {"tags", JsonArray{Json(route.tag)}},
                       {"summary", route.summary}};
  std::string description = "Also at " + versioned_path(route.path) + ".";
  if (route.permission != Permission::public_access && route.permission != Permission::signed_in)
    description += " Needs the role " + std::string(to_text(lowest_role_with(route.permission))) +
                   " or one above it.";
  operation["description"] = std::move(description);
  JsonArray parameters = parameters_of(route);
  if (!parameters.empty()) operation["parameters"] = std::move(parameters);
  if (route.body != BodyKind::none) operation["requestBody"] = body_of(route);
  operation["responses"] = responses_of(route);
  operation["security"] = route.permission == Permission::public_access
                              ? JsonArray{}
                              : JsonArray{JsonObject{{"bearer", JsonArray{}}}};
  return operation;
}

std::string method_key(Method method) {
  std::string key(to_text(method));
  std::ranges::transform(key, key.begin(), [](char c) { return static_cast<char>(c + 32); });
  return key;
}

JsonArray tags() {
  const auto tag = [](std::string_view name, std::string_view description) {
    return JsonObject{{"name", name}, {"description", description}};
  };
  return {tag("health", "Whether the platform answers, and why not."),
          tag("auth", "Signing in and out."),
          tag("users", "Accounts."),
          tag("workflows", "Published definitions."),
          tag("executions", "Runs of workflows."),
          tag("events", "CloudEvents for listeners."),
          tag("secrets", "Values that workflows use and nobody reads."),
          tag("files", "Uploads."),
          tag("platform", "The platform about itself.")};
}

}  // namespace

Json make_openapi(const std::vector<Route>& routes) {
  JsonObject paths;
  for (const Route& route : routes) {
    Json& path = paths[route.path];
    if (!path.is_object()) path = JsonObject{};
    path.as_object()[method_key(route.method)] = operation_of(route);
  }
  JsonObject components{
      {"securitySchemes",
       JsonObject{{"bearer",
                   JsonObject{{"type", "http"}, {"scheme", "bearer"}, {"bearerFormat", "JWT"}}}}},
      {"responses",
       JsonObject{
           {"Problem", JsonObject{{"description", "What went wrong, and a hint."},
                                  {"content", content("application/problem+json", "Problem")}}}}},
      {"schemas", openapi_schemas()}};
  return JsonObject{
      {"openapi", "3.1.0"},
      {"info", JsonObject{{"title", "Auterity"},
                          {"version", version()},
                          {"description", "Workflow automation that operates itself."}}},
      {"servers", JsonArray{JsonObject{{"url", "/"}}}},
      {"tags", tags()},
      {"paths", std::move(paths)},
      {"components", std::move(components)}};
}

}  // namespace auterity::api
