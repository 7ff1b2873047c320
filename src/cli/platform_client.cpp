#include "cli/platform_client.h"

#include <fmt/format.h>

#include <boost/json.hpp>

namespace auterity::cli {
namespace {

ErrorKind kind_of(int status) {
  switch (status) {
    case 400:
    case 415:
      return ErrorKind::invalid_input;
    case 401:
      return ErrorKind::unauthenticated;
    case 403:
      return ErrorKind::forbidden;
    case 404:
      return ErrorKind::not_found;
    case 409:
      return ErrorKind::conflict;
    case 413:
      return ErrorKind::too_large;
    case 429:
      return ErrorKind::rate_limited;
    case 502:
    case 503:
    case 504:
      return ErrorKind::unavailable;
    default:
      return status >= 500 ? ErrorKind::internal : ErrorKind::failed;
  }
}

// The first of the places that the API found wrong in a definition.
std::string places(const Json& body) {
  constexpr std::size_t kShown = 3;
  const Json* problems = find_member(body, "problems");
  if (problems == nullptr || !problems->is_array()) return {};
  std::string text;
  std::size_t count = 0;
  for (const Json& place : problems->get_array()) {
    if (++count > kShown) break;
    const std::string_view pointer = string_or(find_member(place, "pointer"), "");
    text += fmt::format("; {}{}{}", pointer, pointer.empty() ? "" : ": ",
                        string_or(find_member(place, "message"), ""));
  }
  return text;
}

std::unexpected<Error> problem(int status, const Json& body, const std::string& what) {
  const std::string_view detail = string_or(find_member(body, "detail"), "");
  const std::string_view hint = string_or(find_member(body, "hint"), "");
  return fail(
      kind_of(status),
      fmt::format("{}: {} {}{}", what, status,
                  detail.empty() ? string_or(find_member(body, "title"), "") : detail,
                  places(body)),
      hint.empty() ? "see whether the platform is well: auterity status" : std::string(hint));
}

}  // namespace

PlatformClient::PlatformClient(HttpClient& http, const local::Platform& platform)
    : http_(http),
      base_(fmt::format("http://{}:{}", platform.address == "*" ? "127.0.0.1" : platform.address,
                        platform.public_port)),
      email_(platform.credentials.email),
      password_(platform.credentials.password) {}

Async<Status> PlatformClient::sign_in() {
  const Json credentials = JsonObject{{"email", email_}, {"password", password_}};
  AUTERITY_CO_TRY(
      answer, co_await send("POST", "/api/auth/login", "application/json", to_text(credentials)));
  token_ = string_or(find_member(answer.body, "access_token"), "");
  if (token_.empty())
    co_return fail(ErrorKind::internal, "signing in answered no token",
                   "see whether something else listens on the platform's port: auterity status");
  co_return Status{};
}

Async<Result<ApiAnswer>> PlatformClient::send(std::string method, std::string path,
                                              std::string content_type, std::string body,
                                              HttpHeaders headers, Duration timeout) {
  const std::string what = fmt::format("{} {}", method, path);
  HttpRequest request;
  request.method = std::move(method);
  request.url = base_ + path;
  request.headers = std::move(headers);
  if (!content_type.empty()) request.headers.emplace_back("content-type", std::move(content_type));
  if (!token_.empty()) request.headers.emplace_back("authorization", "Bearer " + token_);
  request.body = std::move(body);
  request.timeout = timeout;
  auto response = co_await http_.send(std::move(request));
  if (!response) {
    Error error = std::move(response).error().within(what);
    error.hint = "start the platform: auterity up; see it: auterity status";
    co_return std::unexpected(std::move(error));
  }
  ApiAnswer answer{.status = response->status, .headers = std::move(response->headers), .body = {}};
  if (auto parsed = parse_json(response->body)) answer.body = std::move(*parsed);
  if (answer.status / 100 != 2) co_return problem(answer.status, answer.body, what);
  co_return answer;
}

}  // namespace auterity::cli
