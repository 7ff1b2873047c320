// /api/secrets: values go in and never come out.
#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "api/json_fields.h"
#include "api/paging.h"
#include "api/routes/route_groups.h"
#include "api/services.h"
#include "engine/store/workflow_store.h"

namespace auterity::api {
namespace {

// Names are keys of $secrets: what an expression can write after the dot, and dashes.
Result<std::string> read_name(const Exchange& exchange) {
  const std::string& name = exchange.path_parameter;
  const auto is_letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  };
  const bool well_formed = !name.empty() && name.size() <= 128 && is_letter(name.front()) &&
                           std::ranges::all_of(name, [&](char c) {
                             return is_letter(c) || (c >= '0' && c <= '9') || c == '-' || c == '.';
                           });
  if (well_formed) return name;
  return fail(ErrorKind::invalid_input, "the name of the secret is not well-formed",
              "up to 128 letters, digits, '_', '-' and '.', beginning with a letter or '_'");
}

Async<Result<bool>> exists(Services& services, std::string name) {
  AUTERITY_CO_TRY(names, co_await services.secrets.names());
  co_return std::ranges::find(names, name) != names.end();
}

std::unexpected<Error> no_such_secret() {
  return fail(ErrorKind::not_found, "there is no such secret", "list them with GET /api/secrets");
}

Async<Status> list_secrets(Services& services, Exchange& exchange) {
  AUTERITY_CO_TRY(names, co_await services.secrets.names());
  JsonArray items;
  for (const std::string& name : names) items.push_back(JsonObject{{"name", name}});
  answer_json(exchange, 200, JsonObject{{"items", std::move(items)}, {"next_cursor", nullptr}});
  co_return Status{};
}

Async<Status> show_secret(Services& services, Exchange& exchange) {
  AUTERITY_CO_TRY(name, read_name(exchange));
  AUTERITY_CO_TRY(found, co_await exists(services, name));
  if (!found) co_return no_such_secret();
  answer_json(exchange, 200, JsonObject{{"name", name}});
  co_return Status{};
}

Async<Status> put_secret(Services& services, Exchange& exchange) {
  AUTERITY_CO_TRY(name, read_name(exchange));
  AUTERITY_CO_TRY(fields, JsonFields::parse(exchange.request.body));
  std::optional<Json> value = fields.value("value");
  AUTERITY_CO_CHECK(fields.check());
  if (!value || value->is_null())
    co_return fail(ErrorKind::invalid_input, "/value is required",
                   "send {\"value\": …}, a text or any JSON");
  AUTERITY_CO_CHECK(co_await services.secrets.put(std::move(name), std::move(*value),
                                                  exchange.principal->user_id_text));
  exchange.response.status = 204;
  co_return Status{};
}

Async<Status> remove_secret(Services& services, Exchange& exchange) {
  AUTERITY_CO_TRY(name, read_name(exchange));
  AUTERITY_CO_TRY(found, co_await exists(services, name));
  if (!found) co_return no_such_secret();
  AUTERITY_CO_CHECK(co_await services.secrets.remove(std::move(name)));
  exchange.response.status = 204;
  co_return Status{};
}

}  // namespace

std::vector<Route> secret_routes() {
  return {
      {.method = Method::get,
       .path = "/api/secrets",
       .permission = Permission::manage_secrets,
       .name = "listSecrets",
       .tag = "secrets",
       .summary = "Names of all secrets",
       .answer = list_secrets,
       .answers = {{200, "The names.", "SecretPage"}}},
      {.method = Method::get,
       .path = "/api/secrets/{name}",
       .permission = Permission::manage_secrets,
       .name = "getSecret",
       .tag = "secrets",
       .summary = "Whether a secret is there; never its value",
       .answer = show_secret,
       .answers = {{200, "It is.", "Secret"}}},
      {.method = Method::put,
       .path = "/api/secrets/{name}",
       .permission = Permission::manage_secrets,
       .name = "putSecret",
       .tag = "secrets",
       .summary = "Set a secret's value",
       .answer = put_secret,
       .body = BodyKind::json,
       .body_limit = 256 * 1024,
       .request_schema = "SecretValue",
       .answers = {{204, "Set.", ""}}},
      {.method = Method::delete_,
       .path = "/api/secrets/{name}",
       .permission = Permission::manage_secrets,
       .name = "removeSecret",
       .tag = "secrets",
       .summary = "Remove a secret",
       .answer = remove_secret,
       .answers = {{204, "Removed.", ""}}},
  };
}

}  // namespace auterity::api
