#include "api/api_application.h"

#include <sodium.h>

#include <boost/system/system_error.hpp>

#include "api/auth/access_token.h"
#include "api/auth/revocations.h"
#include "api/client_address.h"
#include "api/problem.h"
#include "api/routing/query_check.h"
#include "core/trace_context.h"

namespace auterity::api {
namespace {

constexpr std::uint64_t kUnwantedBody = 64 * 1024;  // read and dropped where no body belongs

std::optional<std::string_view> bearer_token(const Request& request) {
  const auto header = request.header("Authorization");
  constexpr std::string_view kScheme = "Bearer ";
  if (!header || header->size() <= kScheme.size() ||
      !equals_without_case(header->substr(0, kScheme.size()), kScheme))
    return std::nullopt;
  std::string_view token = header->substr(kScheme.size());
  while (token.starts_with(' ')) token.remove_prefix(1);
  return token;
}

bool equals_in_constant_time(std::string_view left, std::string_view right) {
  return left.size() == right.size() && sodium_memcmp(left.data(), right.data(), left.size()) == 0;
}

// "application/json; charset=utf-8" to "application/json".
std::string_view media_type(std::string_view header) {
  std::string_view type = header.substr(0, header.find(';'));
  while (type.ends_with(' ')) type.remove_suffix(1);
  return type;
}

bool is_one_of(std::string_view type, std::initializer_list<std::string_view> accepted) {
  for (std::string_view candidate : accepted)
    if (equals_without_case(type, candidate)) return true;
  return false;
}

Admission answered() { return {.answered = true}; }

}  // namespace

ApiApplication::ApiApplication(const std::vector<Route>& routes, Services& services,
                               std::string metrics_token)
    : router_(routes),
      services_(services),
      metrics_token_(std::move(metrics_token)),
      request_ids_(services.random),
      request_metrics_(services.metrics) {}

void ApiApplication::begin(Exchange& exchange) {
  exchange.started = services_.clock.monotonic();
  const auto given = exchange.request.header("X-Request-Id");
  if (given && is_acceptable_request_id(*given))
    exchange.request_id = *given;
  else
    exchange.request_id = request_ids_.next(services_.clock.now());
  if (const auto header = exchange.request.header("traceparent"))
    if (const auto trace = parse_traceparent(*header)) exchange.trace_id = trace->trace_id_text();
}

Admission ApiApplication::admit(Exchange& exchange) {
  begin(exchange);
  if (!find_route(exchange)) return answered();
  const Route& route = *exchange.route;
  if (const Status allowed = authorize(exchange); !allowed) {
    fail_with(exchange, allowed.error());
    return answered();
  }
  if (const Status known = check_query(route, exchange.request.query); !known) {
    fail_with(exchange, known.error());
    return answered();
  }
  if (const auto refused = check_content_type(exchange)) {
    answer_problem(exchange, problem_of_status(415, refused->message, refused->hint));
    return answered();
  }
  if (route.answer_at_once) {
    route.answer_at_once(services_, exchange);
    return answered();
  }
  Admission admission;
  admission.streamed = route.body == BodyKind::bytes;
  admission.body_limit = route.body == BodyKind::none    ? kUnwantedBody
                         : route.body == BodyKind::bytes ? services_.file_limit
                                                         : route.body_limit;
  return admission;
}

bool ApiApplication::find_route(Exchange& exchange) {
  const Router::Match match = router_.find(exchange.request.method, exchange.request.path);
  if (!match.path_exists) {
    fail_with(exchange, {ErrorKind::not_found, "there is nothing at this path",
                         "the paths are listed at /api/openapi.json"});
    return false;
  }
  if (!match.route) {
    exchange.response.add_header("Allow", Router::allowed_methods(match));
    if (exchange.request.method == Method::options)
      exchange.response.status = 204;
    else
      answer_problem(exchange, problem_of_status(405, "this path does not know the method",
                                                 "use one of those in the Allow header"));
    return false;
  }
  exchange.route = match.route;
  auto parameter = percent_decode(match.parameter, false);
  if (!parameter) {
    fail_with(exchange, {ErrorKind::invalid_input, "the path holds a malformed escape",
                         "write %XX with two hexadecimal digits"});
    return false;
  }
  exchange.path_parameter = std::move(*parameter);
  return true;
}

Status ApiApplication::authorize(Exchange& exchange) {
  const Route& route = *exchange.route;
  const auto token = bearer_token(exchange.request);
  if (route.open_to_this_machine &&
      (find_caller(exchange.request).on_this_machine ||
       (token && !metrics_token_.empty() && equals_in_constant_time(*token, metrics_token_))))
    return {};
  if (token) {
    auto principal = services_.tokens.verify(*token);
    if (principal && services_.revocations.is_revoked(**principal))
      principal = fail(ErrorKind::unauthenticated, "the access token was revoked",
                       "sign in again with POST /api/auth/login");
    if (principal)
      exchange.principal = std::move(*principal);
    else if (route.permission != Permission::public_access)
      return std::unexpected(std::move(principal).error());
  }
  if (route.permission == Permission::public_access) return {};
  if (!exchange.principal)
    return fail(ErrorKind::unauthenticated, "this needs a bearer token",
                "sign in with POST /api/auth/login and send Authorization: Bearer TOKEN");
  if (!is_allowed(exchange.principal->role, route.permission))
    return fail(ErrorKind::forbidden,
                "the role " + std::string(to_text(exchange.principal->role)) + " may not " +
                    std::string(purpose_of(route.permission)),
                "ask an administrator for the role " +
                    std::string(to_text(lowest_role_with(route.permission))));
  return {};
}

std::optional<Error> ApiApplication::check_content_type(const Exchange& exchange) const {
  const BodyKind body = exchange.route->body;
  if (body != BodyKind::json && body != BodyKind::definition) return std::nullopt;
  const auto header = exchange.request.header("Content-Type");
  if (!header) return std::nullopt;
  const std::string_view type = media_type(*header);
  // What curl -d says when nothing else was said: nobody sends forms here.
  constexpr std::string_view kUnsaid = "application/x-www-form-urlencoded";
  if (is_one_of(type, {"application/json", "text/json", kUnsaid}) || type.ends_with("+json"))
    return std::nullopt;
  if (body == BodyKind::definition &&
      is_one_of(type, {"application/yaml", "application/x-yaml", "text/yaml", "text/x-yaml"}))
    return std::nullopt;
  return Error{ErrorKind::invalid_input, "this content type is not understood here",
               body == BodyKind::json ? "send application/json"
                                      : "send application/json or application/yaml"};
}

Async<void> ApiApplication::handle(Exchange& exchange) {
  std::optional<Error> failure;
  try {
    const Status done = co_await exchange.route->answer(services_, exchange);
    if (!done) failure = done.error();
  } catch (const boost::system::system_error& error) {
    if (error.code() == boost::asio::error::operation_aborted)
      throw;  // the server cuts the connection
    failure = Error{ErrorKind::internal, error.what(), {}};
  } catch (const std::exception& error) {
    failure = Error{ErrorKind::internal, error.what(), {}};
  }
  if (failure) fail_with(exchange, *failure);
}

void ApiApplication::fail_with(Exchange& exchange, const Error& error) {
  // Which service is away, and why, is for people of the platform; strangers hear that it is so.
  if (error.kind == ErrorKind::unavailable && !exchange.principal)
    answer_problem(exchange, {ErrorKind::unavailable, "something that this needs does not answer",
                              "try again; on the platform's machine see: auterity status"});
  else
    answer_problem(exchange, error);
  Response& response = exchange.response;
  if (error.kind == ErrorKind::unauthenticated)
    response.add_header("WWW-Authenticate", "Bearer realm=\"auterity\"");
  if (error.kind == ErrorKind::rate_limited) response.add_header("Retry-After", "30");
  if (response.status == 503) response.add_header("Retry-After", "1");
  if (error.kind != ErrorKind::internal) return;
  LogContext context;
  context.request_id = exchange.request_id;
  services_.log.write(LogLevel::error, "api", "a request failed because of a fault", context,
                      {{"endpoint", Json(exchange.route ? exchange.route->path : "unmatched")},
                       {"exception", Json(error.message)}},
                      std::source_location::current());
}

void ApiApplication::refuse(Exchange& exchange, int status, std::string_view reason) {
  if (exchange.request_id.empty()) begin(exchange);
  std::string_view hint = "send well-formed HTTP/1.1";
  if (status == 413) hint = "send less at once";
  if (status == 431) hint = "send shorter headers";
  if (status == 408) hint = "send the request without long pauses";
  answer_problem(exchange, problem_of_status(status, std::string(reason), std::string(hint)));
}

void ApiApplication::finished(const Exchange& exchange, std::uint64_t body_bytes) {
  const Duration duration = services_.clock.monotonic() - exchange.started;
  request_metrics_.record(exchange, duration);
  if (exchange.route && exchange.route->is_probe && exchange.response.status < 400) return;
  LogContext context;
  context.request_id = exchange.request_id;
  context.trace_id = exchange.trace_id;
  if (exchange.principal) context.user_id = exchange.principal->user_id_text;
  // The path without its query string, which may hold what nobody should read in a log.
  services_.log.write(LogLevel::info, "access", "request answered", context,
                      {{"http.request.method", Json(to_text(exchange.request.method))},
                       {"url.path", Json(exchange.request.path)},
                       {"endpoint", Json(exchange.route ? exchange.route->path : "unmatched")},
                       {"http.response.status_code", Json(exchange.response.status)},
                       {"http.response.body.bytes", Json(body_bytes)},
                       {"client.address", Json(find_caller(exchange.request).address)},
                       {"execution_time", Json(std::chrono::duration<double>(duration).count())}},
                      std::source_location::current());
}

}  // namespace auterity::api
