#include "operations/deploy/synthetic_requests.h"

#include <fmt/format.h>

#include <array>
#include <boost/json.hpp>

namespace auterity::operations {
namespace {

constexpr int kUnauthorized = 401;
constexpr int kClientErrors = 400;
constexpr int kServerErrors = 500;
// No request of a batch begins later than this, and none is waited for longer than that.
constexpr Duration kBatchLimit = std::chrono::milliseconds(500);
constexpr Duration kAnswerLimit = std::chrono::seconds(1);
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
  if (token_.empty())
    co_return fail(ErrorKind::unavailable,
                   fmt::format("synthetic requests cannot sign in as {}: status {}",
                               platform_.credentials.email, answer.status),
                   "the new version cannot be judged without requests");
  co_return Status{};
}

Async<Status> SyntheticRequests::send(int count) {
  if (token_.empty()) AUTERITY_CO_CHECK(co_await sign_in());
  const Duration begun = context_.clock.monotonic();
  bool signed_in_anew = false;
  for (int index = 0; index < count && context_.clock.monotonic() - begun < kBatchLimit; ++index) {
    HttpRequest request;
    request.url = platform_.local_url() + std::string(kPaths[sent_ % kPaths.size()]);
    request.headers = {{"Authorization", "Bearer " + token_},
                       {"X-Auterity-Synthetic", "deploy"},
                       {"X-Request-Id", fmt::format("synthetic-{}", sent_)}};
    request.timeout = kAnswerLimit;
    const std::string url = request.url;
    // The balancer's log says how it went. Where nobody answers the caller has other things to look
    // at than the next one that does not.
    const auto answer = co_await context_.http.send(std::move(request));
    ++sent_;
    if (!answer) break;
    if (answer->status < kClientErrors || answer->status >= kServerErrors) continue;
    // A token may have expired; whoever is refused again learns nothing about the version.
    if (answer->status != kUnauthorized || signed_in_anew)
      co_return fail(
          ErrorKind::failed,
          fmt::format("synthetic request {} was refused with status {}", url, answer->status),
          "a refused request says nothing about the new version's health");
    token_.clear();
    AUTERITY_CO_CHECK(co_await sign_in());
    signed_in_anew = true;
  }
  co_return Status{};
}

}  // namespace auterity::operations
