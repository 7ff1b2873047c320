#include "operations/deploy/synthetic_requests.h"

#include <fmt/format.h>

#include <array>
#include <boost/json.hpp>

namespace auterity::operations {
namespace {

constexpr int kUnauthorized = 401;
constexpr std::array<std::string_view, 4> kPaths{"/api/workflows?limit=20", "/api/users/me",
                                                 "/api/executions?limit=20", "/api/health"};

}  // namespace

Async<Status> SyntheticRequests::sign_in() {
  HttpRequest request;
  request.method = "POST";
  request.url = platform_.local_url() + "/api/auth/login";
  request.headers = {{"Content-Type", "application/json"}};
  request.body = to_text(Json(JsonObject{{"email", platform_.credentials.email},
                                         {"password", platform_.credentials.password}}));
  request.timeout = std::chrono::seconds(10);
  AUTERITY_CO_TRY(answer, co_await context_.http.send(std::move(request)));
  const auto body = parse_json(answer.body);
  if (body) token_ = string_or(find_member(*body, "access_token"), "");
  co_return Status{};
}

Async<Status> SyntheticRequests::send(int count) {
  if (token_.empty()) AUTERITY_CO_CHECK(co_await sign_in());
  for (int index = 0; index < count; ++index) {
    HttpRequest request;
    request.url = platform_.local_url() + std::string(kPaths[sent_ % kPaths.size()]);
    request.headers = {{"Authorization", "Bearer " + token_},
                       {"X-Auterity-Synthetic", "deploy"},
                       {"X-Request-Id", fmt::format("synthetic-{}", sent_)}};
    request.timeout = std::chrono::seconds(5);
    // The balancer's log says how it went. Where nobody answers the caller has other things to look
    // at than the next one that does not.
    const auto answer = co_await context_.http.send(std::move(request));
    ++sent_;
    if (!answer) break;
    if (answer->status == kUnauthorized) AUTERITY_CO_CHECK(co_await sign_in());
  }
  co_return Status{};
}

}  // namespace auterity::operations
