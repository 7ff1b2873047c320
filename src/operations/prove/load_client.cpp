#include "operations/prove/load_client.h"

#include <fmt/format.h>

#include <algorithm>

namespace auterity::operations {
namespace {

constexpr Duration kGiveUp = std::chrono::seconds(30);
constexpr Duration kPause = std::chrono::milliseconds(100);
constexpr Duration kPauseWhenRefused = std::chrono::seconds(1);
constexpr Duration kSlice = std::chrono::milliseconds(200);
constexpr int kTooMany = 429;
constexpr std::size_t kShownOfAnswer = 120;

}  // namespace

bool LoadWorld::count_status(std::string_view what, int status) {
  ++report.statuses[status];
  if (status == kTooMany) {
    ++report.refused;
    return true;
  }
  if (status < 500) return false;
  ++report.failed;
  report.add_problem(fmt::format("{}: {}", what, status));
  return true;
}

void LoadWorld::count_unanswered(std::string_view what, const Error& error) {
  ++report.unanswered;
  report.add_problem(fmt::format("{}: {}", what, error.message));
}

void LoadWorld::count_unexpected(std::string_view what, std::string_view answer) {
  ++report.unexpected;
  report.add_problem(fmt::format("{}: {}", what, answer.substr(0, kShownOfAnswer)));
}

Async<void> LoadWorld::rest(Duration duration) {
  const Duration end = clock.monotonic() + duration;
  for (Duration left = duration; left > Duration{} && !ending; left = end - clock.monotonic())
    co_await clock.sleep(std::min(left, kSlice));
}

std::string request_text(const LoadWorld& world, const LoadCall& call) {
  return fmt::format(
      "{} {} HTTP/1.1\r\nHost: {}:{}\r\nUser-Agent: auterity-prove\r\n{}{}{}{}"
      "Content-Length: {}\r\n\r\n{}",
      call.method, call.target, world.address.host, world.address.port,
      world.token.empty() ? "" : "Authorization: Bearer ", world.token,
      world.token.empty() ? "" : "\r\n", call.headers, call.body.size(), call.body);
}

std::string text_in(const LoadAnswer& answer, std::string_view member) {
  const auto document = parse_json(answer.body);
  return document ? std::string(string_or(find_member(*document, member), "")) : "";
}

Async<Result<LoadAnswer>> LoadClient::call(LoadCall call) {
  const Duration limit = world_.clock.monotonic() + kGiveUp;
  for (;;) {
    auto answer = co_await connection_.exchange(request_text(world_, call));
    if (!answer)
      world_.count_unanswered(call.what, answer.error());
    else if (!world_.count_status(call.what, answer->status))
      co_return std::move(*answer);
    if (world_.clock.monotonic() > limit)
      co_return fail(ErrorKind::unavailable, fmt::format("{}: given up", call.what));
    co_await world_.clock.sleep(answer && answer->status == kTooMany ? kPauseWhenRefused : kPause);
    ++world_.report.retried;
  }
}

Async<std::string> LoadClient::start(std::uint64_t number, StartKind kind,
                                     std::string_view prefer) {
  constexpr std::string_view kWhat = "start an execution";
  const auto answer =
      co_await call({.what = kWhat,
                     .method = "POST",
                     .target = fmt::format("/api/workflows/{}/execute", world_.workflow_id),
                     .headers = fmt::format("Content-Type: application/json\r\nPrefer: {}\r\n"
                                            "Idempotency-Key: prove-{}-{}\r\n",
                                            prefer, world_.run, number),
                     .body = start_body(number, kind)});
  if (!answer) co_return std::string();
  std::string id = answer->status / 100 == 2 ? text_in(*answer, "id") : "";
  if (id.empty())
    world_.count_unexpected(kWhat, fmt::format("{} {}", answer->status, answer->body));
  else
    world_.books.acknowledge_start(number, kind, id);
  co_return id;
}

}  // namespace auterity::operations
