#include "operations/prove/followed_streams.h"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "operations/prove/event_text.h"

namespace auterity::operations {
namespace {

constexpr std::string_view kWhat = "follow an execution";
constexpr std::string_view kWhatHistory = "read a history";
constexpr Duration kLimit = std::chrono::minutes(2);  // for an execution that takes less than one
constexpr Duration kPause = std::chrono::milliseconds(50);
constexpr int kNothingFollows = 204;

}  // namespace

void FollowedStreams::spawn_into(TaskGroup& group) {
  for (int stream = 0; stream < streams_for(world_.requests_per_second); ++stream)
    group.spawn("stream",
                follow_executions(stream % 2 == 0 ? StartKind::lasting : StartKind::followed));
  group.spawn("ends", cancel_lasting());
}

Async<void> FollowedStreams::follow_executions(StartKind kind) {
  LoadClient client(executor_, world_);
  while (!world_.ending) {
    const std::string id = co_await client.start(world_.books.next_start(), kind, "respond-async");
    if (id.empty()) {
      co_await world_.clock.sleep(kPause);
      continue;
    }
    if (kind == StartKind::lasting) lasting_.insert(id);
    co_await follow(client, id);
    lasting_.erase(id);
  }
}

Async<void> FollowedStreams::cancel_lasting() {
  LoadClient client(executor_, world_);
  while (!world_.ending) co_await world_.rest(kLimit);
  std::set<std::string> cancelled;
  while (!lasting_.empty()) {
    for (const std::string& id : std::set<std::string>(lasting_))
      // One that has just ended by itself refuses, which is as good.
      if (cancelled.insert(id).second) [[maybe_unused]]
        const auto answer =
            co_await client.call({.what = "cancel an execution",
                                  .method = "POST",
                                  .target = fmt::format("/api/executions/{}/cancel", id)});
    co_await world_.clock.sleep(kPause);
  }
}

Async<void> FollowedStreams::follow(LoadClient& client, std::string id) {
  LoadConnection connection(executor_, world_.address);
  std::vector<std::int64_t> seen;
  const Duration limit = world_.clock.monotonic() + kLimit;
  for (;;) {
    const Ending ending = co_await read_stream(connection, id, seen);
    if (ending == Ending::complete) break;
    if (world_.clock.monotonic() > limit) {
      world_.count_unexpected(kWhat, "it did not end within two minutes");
      co_return;
    }
    ++world_.report.streams.reopened;
    if (ending == Ending::cut) ++world_.report.streams.cut;
    co_await world_.clock.sleep(kPause);
  }
  ++world_.report.streams.followed;
  co_await compare(client, std::move(id), std::move(seen));
}

Async<FollowedStreams::Ending> FollowedStreams::read_stream(LoadConnection& connection,
                                                            const std::string& id,
                                                            std::vector<std::int64_t>& seen) {
  LoadCall call{.what = kWhat,
                .method = "GET",
                .target = fmt::format("/api/executions/{}/events", id),
                .headers = "Accept: text/event-stream\r\n"};
  if (!seen.empty()) call.headers += fmt::format("Last-Event-ID: {}\r\n", seen.back());
  const auto status = co_await connection.open_stream(request_text(world_, call));
  if (!status) {
    world_.count_unanswered(kWhat, status.error());
    co_return Ending::cut;
  }
  const bool again = world_.count_status(kWhat, *status);
  const Ending ending = co_await read_events(connection, seen);
  if (*status == kNothingFollows) co_return Ending::complete;
  if (*status != 200 && !again) world_.count_unexpected(kWhat, std::to_string(*status));
  co_return ending;
}

Async<FollowedStreams::Ending> FollowedStreams::read_events(LoadConnection& connection,
                                                            std::vector<std::int64_t>& seen) {
  EventText text;
  bool complete = false;
  for (;;) {
    const auto piece = co_await connection.read_piece();
    if (!piece) co_return complete ? Ending::complete : Ending::cut;
    if (piece->empty()) co_return complete ? Ending::complete : Ending::regular;
    for (const StreamEvent& event : text.add(*piece)) {
      complete = complete || event.type == "end";
      if (event.number == 0) continue;
      seen.push_back(event.number);
      ++world_.report.streams.events;
    }
  }
}

Async<void> FollowedStreams::compare(LoadClient& client, std::string id,
                                     std::vector<std::int64_t> seen) {
  const auto answer =
      co_await client.call({.what = kWhatHistory,
                            .method = "GET",
                            .target = fmt::format("/api/executions/{}/events?limit=1000", id)});
  if (!answer) co_return;
  const auto page = parse_json(answer->body);
  const Json* items = page ? find_member(*page, "items") : nullptr;
  if (items == nullptr || !items->is_array()) {
    world_.count_unexpected(kWhatHistory, answer->body);
    co_return;
  }
  std::vector<std::int64_t> history;
  for (const Json& event : items->get_array())
    if (const Json* number = find_member(event, "number"); number != nullptr && number->is_int64())
      history.push_back(number->get_int64());
  const EventGaps gaps = compare_events(std::move(seen), std::move(history));
  world_.report.streams.lost += gaps.lost;
  world_.report.streams.duplicated += gaps.doubled;
  if (gaps.lost + gaps.doubled > 0)
    world_.report.add_problem("a stream missed events or was told some twice");
}

}  // namespace auterity::operations
