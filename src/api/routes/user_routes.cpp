// /api/users: the own account, and administration of all.
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "api/auth/users.h"
#include "api/json_fields.h"
#include "api/paging.h"
#include "api/routes/route_groups.h"
#include "api/services.h"

namespace auterity::api {
namespace {

Json optional_time(const std::optional<Time>& time) {
  return time ? Json(to_rfc3339(*time)) : Json();
}

JsonObject describe(const User& user) {
  return {{"id", to_text(user.id)},
          {"email", user.email},
          {"name", user.name},
          {"role", to_text(user.role)},
          {"disabled", user.disabled_at.has_value()},
          {"created_at", to_rfc3339(user.created_at)},
          {"disabled_at", optional_time(user.disabled_at)},
          {"last_login_at", optional_time(user.last_login_at)}};
}

Result<UserRequest> read_user(const Request& request, bool is_new) {
  AUTERITY_TRY(fields, JsonFields::parse(request.body));
  UserRequest user;
  if (is_new) user.email = fields.required_text("email", 254);
  if (is_new) user.password = fields.required_text("password", 256);
  if (!is_new) user.password = fields.text("password", 256);
  if (!is_new) user.disabled = fields.boolean("disabled");
  user.name = fields.text("name", 200);
  const auto role = fields.text("role", 20);
  AUTERITY_CHECK(fields.check());
  if (!role) return user;
  user.role = parse_role(*role);
  if (!user.role)
    return fail(ErrorKind::invalid_input, "/role is not a role",
                "one of: viewer, editor, operator, admin");
  return user;
}

Async<Status> show_me(Services& services, Exchange& exchange) {
  AUTERITY_CO_TRY(user, co_await services.users.store().find(exchange.principal->user_id));
  answer_json(exchange, 200, describe(user));
  co_return Status{};
}

Async<Status> list_users(Services& services, Exchange& exchange) {
  AUTERITY_CO_TRY(page, read_page(exchange.request));
  AUTERITY_CO_TRY(users, co_await services.users.store().list(page.before, page.limit));
  JsonArray items;
  for (const User& user : users) items.push_back(describe(user));
  answer_page(exchange, std::move(items), page, users.empty() ? Uuid{} : users.back().id);
  co_return Status{};
}

Async<Status> create_user(Services& services, Exchange& exchange) {
  AUTERITY_CO_TRY(request, read_user(exchange.request, true));
  AUTERITY_CO_TRY(user, co_await services.users.create(std::move(request)));
  exchange.response.add_header("Location", "/api/users/" + to_text(user.id));
  answer_json(exchange, 201, describe(user));
  co_return Status{};
}

Async<Status> show_user(Services& services, Exchange& exchange) {
  AUTERITY_CO_TRY(id, read_id(exchange));
  AUTERITY_CO_TRY(user, co_await services.users.store().find(id));
  answer_json(exchange, 200, describe(user));
  co_return Status{};
}

Async<Status> change_user(Services& services, Exchange& exchange) {
  AUTERITY_CO_TRY(id, read_id(exchange));
  AUTERITY_CO_TRY(request, read_user(exchange.request, false));
  AUTERITY_CO_TRY(user, co_await services.users.change(id, std::move(request)));
  answer_json(exchange, 200, describe(user));
  co_return Status{};
}

}  // namespace

std::vector<Route> user_routes() {
  const std::vector<ParameterFacts> paging = page_parameters();
  return {
      {.method = Method::get,
       .path = "/api/users/me",
       .permission = Permission::signed_in,
       .name = "getOwnAccount",
       .tag = "users",
       .summary = "The account of the token",
       .answer = show_me,
       .answers = {{200, "The account.", "User"}}},
      {.method = Method::get,
       .path = "/api/users",
       .permission = Permission::manage_users,
       .name = "listUsers",
       .tag = "users",
       .summary = "Accounts, newest first",
       .answer = list_users,
       .parameters = paging,
       .answers = {{200, "A page.", "UserPage"}}},
      {.method = Method::post,
       .path = "/api/users",
       .permission = Permission::manage_users,
       .name = "createUser",
       .tag = "users",
       .summary = "Add an account",
       .answer = create_user,
       .body = BodyKind::json,
       .body_limit = 8 * 1024,
       .request_schema = "NewUser",
       .answers = {{201, "Added.", "User"}}},
      {.method = Method::get,
       .path = "/api/users/{id}",
       .permission = Permission::manage_users,
       .name = "getUser",
       .tag = "users",
       .summary = "One account",
       .answer = show_user,
       .answers = {{200, "The account.", "User"}}},
      {.method = Method::patch,
       .path = "/api/users/{id}",
       .permission = Permission::manage_users,
       .name = "changeUser",
       .tag = "users",
       .summary = "Change name, role, password or state; the last administrator stays one",
       .answer = change_user,
       .body = BodyKind::json,
       .body_limit = 8 * 1024,
       .request_schema = "UserChange",
       .answers = {{200, "Changed.", "User"}}},
  };
}

}  // namespace auterity::api
