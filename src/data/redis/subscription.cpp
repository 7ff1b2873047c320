// Subscriptions of the Redis client: each on a connection of its own, kept alive by pings, made
// again when it breaks.
#include <utility>

#include "core/deadline.h"
#include "data/redis/redis_client.h"

namespace auterity::data {
namespace {

// A subscription that hears nothing for this long asks whether the server is still there.
constexpr Duration kQuiet = std::chrono::seconds(10);
constexpr Duration kFirstBackOff = std::chrono::milliseconds(50);
constexpr Duration kLongestBackOff = std::chrono::seconds(2);

Async<Result<bool>> read_more(RedisStream& stream) {
  AUTERITY_CO_CHECK(co_await stream.read_more());
  co_return true;
}

}  // namespace

Async<void> RedisClient::subscribe(
    std::vector<std::string> channels,
    std::function<void(std::string_view, std::string_view)> on_message,
    std::function<void()> on_reconnect) {
  BackOff back_off(kFirstBackOff, kLongestBackOff);
  bool missed = false;  // messages may have been, since an attempt or a connection failed
  while (!closed_) {
    const auto ended = co_await listen(channels, on_message, [&] {
      back_off.reset();
      if (std::exchange(missed, false)) on_reconnect();
    });
    if (closed_) co_return;
    missed = true;
    if (back_off.failures() == 0) log_.warning("redis", "subscription: " + ended.error().message);
    co_await clock_.sleep(back_off.next());
  }
}

// Ends with the error that ended the connection.
Async<Status> RedisClient::listen(
    std::vector<std::string> channels,
    const std::function<void(std::string_view, std::string_view)>& on_message,
    std::function<void()> on_subscribed) {
  AUTERITY_CO_TRY(stream, co_await connect());
  auto waiting = channels.size();  // for confirmations
  channels.insert(channels.begin(), "SUBSCRIBE");
  AUTERITY_CO_CHECK(co_await stream->write(encode_command(channels)));
  for (bool asked = false;;) {
    AUTERITY_CO_TRY(reply, stream->next_reply());
    if (!reply) {
      const auto more =
          co_await with_deadline(clock_, kQuiet, "hearing from redis", read_more(*stream));
      if (!more && (more.error().kind != ErrorKind::timeout || asked))
        co_return std::unexpected(more.error());
      if (!more) AUTERITY_CO_CHECK(co_await stream->write(encode_command({"PING"})));
      asked = !more;
      continue;
    }
    if (!*reply) co_return std::unexpected(reply->error());
    const auto& parts = (*reply)->elements;
    if (parts.size() != 3) continue;  // the answer to a ping
    if (parts[0].text == "message") on_message(parts[1].text, parts[2].text);
    if (parts[0].text == "subscribe" && --waiting == 0) on_subscribed();
  }
}

}  // namespace auterity::data
