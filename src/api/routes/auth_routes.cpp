// POST /api/auth/login, /refresh, /logout.
#include <boost/json/object.hpp>

#include "api/auth/sessions.h"
#include "api/client_address.h"
#include "api/json_fields.h"
#include "api/paging.h"
#include "api/routes/route_groups.h"
#include "api/services.h"

namespace auterity::api {
namespace {

constexpr std::uint64_t kBodyLimit = 8 * 1024;

void answer_tokens(Exchange& exchange, const TokenPair& tokens) {
  answer_json(exchange, 200,
              JsonObject{{"access_token", tokens.access_token},
                         {"token_type", "bearer"},
                         {"expires_in", tokens.expires_in.count()},
                         {"refresh_token", tokens.refresh_token}});
}

Async<Status> log_in(Services& services, Exchange& exchange) {
  AUTERITY_CO_TRY(fields, JsonFields::parse(exchange.request.body));
  std::string email = fields.required_text("email", 254);
  std::string password = fields.required_text("password", 256);
  AUTERITY_CO_CHECK(fields.check());
  AUTERITY_CO_TRY(tokens, co_await services.sessions.login(std::move(email), std::move(password),
                                                           find_caller(exchange.request).address));
  answer_tokens(exchange, tokens);
  co_return Status{};
}

Async<Status> refresh(Services& services, Exchange& exchange) {
  AUTERITY_CO_TRY(fields, JsonFields::parse(exchange.request.body));
  std::string token = fields.required_text("refresh_token", 256);
  AUTERITY_CO_CHECK(fields.check());
  AUTERITY_CO_TRY(tokens, co_await services.sessions.refresh(std::move(token)));
  answer_tokens(exchange, tokens);
  co_return Status{};
}

Async<Status> log_out(Services& services, Exchange& exchange) {
  AUTERITY_CO_CHECK(co_await services.sessions.logout(exchange.principal));
  exchange.response.status = 204;
  co_return Status{};
}

}  // namespace

std::vector<Route> auth_routes() {
  return {
      {.method = Method::post,
       .path = "/api/auth/login",
       .permission = Permission::public_access,
       .name = "logIn",
       .tag = "auth",
       .summary = "Sign in with email and password",
       .answer = log_in,
       .body = BodyKind::json,
       .body_limit = kBodyLimit,
       .request_schema = "Credentials",
       .answers = {{200, "Signed in.", "Tokens"}}},
      {.method = Method::post,
       .path = "/api/auth/refresh",
       .permission = Permission::public_access,
       .name = "refreshTokens",
       .tag = "auth",
       .summary = "Replace a refresh token by new tokens; each works once",
       .answer = refresh,
       .body = BodyKind::json,
       .body_limit = kBodyLimit,
       .request_schema = "RefreshRequest",
       .answers = {{200, "Still signed in.", "Tokens"}}},
      {.method = Method::post,
       .path = "/api/auth/logout",
       .permission = Permission::signed_in,
       .name = "logOut",
       .tag = "auth",
       .summary = "End the session of the token",
       .answer = log_out,
       .answers = {{204, "Signed out.", ""}}},
  };
}

}  // namespace auterity::api
