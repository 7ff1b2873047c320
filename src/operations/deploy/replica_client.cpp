#include "operations/deploy/replica_client.h"

#include <fmt/format.h>

#include <boost/json.hpp>

namespace auterity::operations {
namespace {

constexpr std::size_t kShownOfAnswer = 200;

}  // namespace

Async<Result<Json>> ReplicaClient::send(HttpRequest request) {
  const std::string shown = fmt::format("{}: {} {}", service_, request.method, request.url);
  request.url = "http://localhost" + request.url;
  request.unix_socket = socket_;
  request.timeout = std::chrono::seconds(10);
  auto answer = co_await http_.send(std::move(request));
  if (!answer) co_return std::unexpected(std::move(answer.error()).within(shown));
  if (answer->status < 200 || answer->status > 299)
    co_return fail(ErrorKind::failed,
                   fmt::format("{} answered {}: {}", shown, answer->status,
                               answer->body.substr(0, kShownOfAnswer)),
                   "see its log, in logs/" + service_ + " of the environment's folder");
  auto body = parse_json(answer->body);
  if (!body || !body->is_object())
    co_return fail(ErrorKind::failed, shown + " answered something else than a JSON object");
  co_return std::move(*body);
}

Async<Result<Json>> ReplicaClient::get(std::string path) {
  HttpRequest request;
  request.url = std::move(path);
  co_return co_await send(std::move(request));
}

Async<Result<std::string>> ReplicaClient::sign_in(const local::Credentials& credentials) {
  HttpRequest request;
  request.method = "POST";
  request.url = "/api/auth/login";
  request.headers = {{"Content-Type", "application/json"}};
  request.body =
      to_text(Json(JsonObject{{"email", credentials.email}, {"password", credentials.password}}));
  AUTERITY_CO_TRY(body, co_await send(std::move(request)));
  const std::string_view token = string_or(find_member(body, "access_token"), "");
  if (token.empty()) co_return fail(ErrorKind::failed, service_ + " answered no access token");
  co_return std::string(token);
}

Async<Result<Json>> ReplicaClient::post(std::string path, std::string token, Json body,
                                        HttpHeaders more_headers) {
  HttpRequest request;
  request.method = "POST";
  request.url = std::move(path);
  request.headers = std::move(more_headers);
  request.headers.emplace_back("Content-Type", "application/json");
  request.headers.emplace_back("Authorization", "Bearer " + token);
  request.body = to_text(body);
  co_return co_await send(std::move(request));
}

}  // namespace auterity::operations
