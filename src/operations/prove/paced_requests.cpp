#include "operations/prove/paced_requests.h"

#include <fmt/format.h>

#include "core/digest.h"

namespace auterity::operations {
namespace {

constexpr std::string_view kAsync = "respond-async";
constexpr std::string_view kWaiting = "wait=10";

}  // namespace

PacedRequests::PacedRequests(Executor executor, LoadWorld& world)
    : executor_(std::move(executor)), world_(world) {}

void PacedRequests::spawn_into(TaskGroup& group) {
  began_ = world_.clock.monotonic();
  for (int client = 0; client < connections_for(world_.requests_per_second); ++client)
    group.spawn("requests", send_requests());
}

Async<void> PacedRequests::send_requests() {
  LoadClient client(executor_, world_);
  while (!world_.ending) {
    const std::uint64_t number = next_++;
    const Duration due = began_ + due_at(number, world_.requests_per_second);
    if (const Duration early = due - world_.clock.monotonic(); early > Duration{})
      co_await world_.rest(early);
    if (world_.ending) break;
    ++world_.report.sent;
    const bool good = co_await send(client, number);
    const Duration now = world_.clock.monotonic();
    world_.report.lasted = std::max(world_.report.lasted, now - began_);
    if (!good) continue;
    ++world_.report.answered;
    world_.report.latency.add(now - due);
  }
}

Async<bool> PacedRequests::send(LoadClient& client, std::uint64_t number) {
  switch (kind_of(number)) {
    case LoadKind::list:
      co_return co_await list(client);
    case LoadKind::read:
      co_return co_await read(client, number);
    case LoadKind::start_waiting:
      co_return co_await start(client, StartKind::quick, kWaiting);
    case LoadKind::start_async:
      co_return co_await start(client, StartKind::quick, kAsync);
    case LoadKind::start_sleeper:
      co_return co_await start(client, StartKind::sleeper, kAsync);
    case LoadKind::start_again:
      co_return co_await start_again(client, number);
    case LoadKind::upload:
      co_return co_await upload(client, number);
    case LoadKind::download:
      co_return co_await download(client, number);
  }
  co_return false;
}

Async<bool> PacedRequests::list(LoadClient& client) {
  const auto answer = co_await client.call(
      {.what = "list workflows", .method = "GET", .target = "/api/workflows?limit=20"});
  if (!answer) co_return false;
  const bool good = answer->status == 200 && answer->body.contains(world_.workflow_id);
  if (!good) world_.count_unexpected("list workflows", answer->body);
  co_return good;
}

Async<bool> PacedRequests::read(LoadClient& client, std::uint64_t number) {
  const Books::Start* start = world_.books.find_start(number);
  if (start == nullptr) co_return co_await list(client);
  const std::string id = start->id;
  const auto answer = co_await client.call(
      {.what = "read an execution", .method = "GET", .target = "/api/executions/" + id});
  if (!answer) co_return false;
  const bool good = answer->status == 200 && answer->body.contains(id);
  if (!good) world_.count_unexpected("read an execution", answer->body);
  co_return good;
}

Async<bool> PacedRequests::start(LoadClient& client, StartKind kind, std::string_view prefer) {
  const std::string id = co_await client.start(world_.books.next_start(), kind, prefer);
  co_return !id.empty();
}

Async<bool> PacedRequests::start_again(LoadClient& client, std::uint64_t number) {
  const Books::Start* earlier = world_.books.find_start(number);
  if (earlier == nullptr) co_return co_await list(client);
  const std::uint64_t start = earlier->number;
  const StartKind kind = earlier->kind;
  const std::string id = co_await client.start(start, kind, kAsync);
  co_return !id.empty();
}

Async<bool> PacedRequests::upload(LoadClient& client, std::uint64_t number) {
  std::string content = upload_content(world_.run, number);
  std::string sha256 = sha256_hex(content);
  const auto answer = co_await client.call(
      {.what = "upload a file",
       .method = "POST",
       .target = fmt::format("/api/files?name=prove-{}-{}", world_.run, number),
       .headers = "Content-Type: text/plain\r\n",
       .body = std::move(content)});
  if (!answer) co_return false;
  std::string id = answer->status == 201 ? text_in(*answer, "id") : "";
  const bool good = !id.empty();
  if (good)
    world_.books.acknowledge_upload({std::move(id), std::move(sha256)});
  else
    world_.count_unexpected("upload a file", answer->body);
  co_return good;
}

Async<bool> PacedRequests::download(LoadClient& client, std::uint64_t number) {
  const Books::Upload* upload = world_.books.find_upload(number);
  if (upload == nullptr) co_return co_await list(client);
  const std::string sha256 = upload->sha256;
  const auto answer = co_await client.call(
      {.what = "download a file", .method = "GET", .target = "/api/files/" + upload->id});
  if (!answer) co_return false;
  const bool good = answer->status == 200 && sha256_hex(answer->body) == sha256;
  if (!good)
    world_.count_unexpected("download a file", answer->status == 200
                                                   ? "other bytes than were uploaded"
                                                   : std::string_view(answer->body));
  co_return good;
}

}  // namespace auterity::operations
