#include "start_load.h"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "core/curl_http_client.h"
#include "core/json.h"
#include "core/task_group.h"

namespace auterity::end_to_end {
namespace {

constexpr Duration kBackOff = std::chrono::milliseconds(100);
constexpr int kSleeperEvery = 10;

bool worth_repeating(int status) {
  return status == 429 || status == 502 || status == 503 || status == 504;
}

}  // namespace

StartLoad::StartLoad(LoadRequest request, std::function<void(int)> on_acknowledged)
    : request_(std::move(request)),
      on_acknowledged_(std::move(on_acknowledged)),
      http_(make_curl_http_client(loop_.executor(), {.user_agent = "auterity-load"})) {}

LoadOutcome StartLoad::run() {
  outcome_.ids.resize(static_cast<std::size_t>(request_.starts));
  began_ = clock_.monotonic();
  deadline_ = began_ + request_.limit;
  TaskGroup connections(loop_.executor(), "load", [this](std::string_view, std::exception_ptr) {
    outcome_.refused.emplace_back("a connection's task ended by an exception");
  });
  for (int connection = 0; connection < request_.connections; ++connection)
    connections.spawn("connection", send_starts());
  loop_.run(connections.join());
  return std::move(outcome_);
}

Async<void> StartLoad::send_starts() {
  while (next_ < request_.starts) {
    const int number = next_++;
    co_await turn_of(number);
    co_await start(number);
  }
}

Async<void> StartLoad::turn_of(int number) {
  const Duration due = began_ + request_.over * number / request_.starts;
  if (due > clock_.monotonic()) co_await clock_.sleep(due - clock_.monotonic());
}

Async<void> StartLoad::start(int number) {
  while (clock_.monotonic() < deadline_) {
    const auto answer = co_await http_->send(start_request(number));
    if (settle(number, answer)) co_return;
    co_await clock_.sleep(kBackOff);
  }
}

HttpRequest StartLoad::start_request(int number) const {
  HttpRequest request;
  request.method = "POST";
  request.url = fmt::format("{}/api/workflows/{}/execute", request_.url, request_.workflow_id);
  request.headers = {{"authorization", "Bearer " + request_.token},
                     {"content-type", "application/json"},
                     {"idempotency-key", fmt::format("start-{}", request_.first + number)},
                     {"prefer", number % 2 == 0 ? "respond-async" : "wait=5"}};
  const bool sleeps = number % kSleeperEvery == 0;
  request.body = to_text(Json(
      JsonObject{{"input", JsonObject{{"number", request_.first + number}, {"sleeps", sleeps}}}}));
  return request;
}

bool StartLoad::settle(int number, const Result<HttpResponse>& answer) {
  if (!answer) {
    ++outcome_.repeated["no answer"];
    return false;
  }
  if (worth_repeating(answer->status)) {
    const bool says_when = find_header(answer->headers, "retry-after") != nullptr;
    ++outcome_.repeated[fmt::format("{}{}", answer->status,
                                    says_when ? "" : " that does not say when to come again")];
    return false;
  }
  const auto body = parse_json(answer->body);
  const bool accepted = (answer->status == 200 || answer->status == 202) && body;
  if (!accepted) {
    outcome_.refused.push_back(fmt::format("{} {}", answer->status, answer->body));
    return true;
  }
  outcome_.ids[static_cast<std::size_t>(number)] = string_or(find_member(*body, "id"), "");
  on_acknowledged_(++outcome_.acknowledged);
  return true;
}

}  // namespace auterity::end_to_end
