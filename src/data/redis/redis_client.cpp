#include "data/redis/redis_client.h"

#include <algorithm>
#include <utility>

#include "core/deadline.h"

namespace auterity::data {
namespace {

constexpr Duration kConnectTimeout = std::chrono::seconds(2);
constexpr Duration kFirstBackOff = std::chrono::milliseconds(50);
constexpr Duration kLongestBackOff = std::chrono::seconds(2);

Error closing() {
  return Error{ErrorKind::unavailable, "the redis client is closing",
               "the process is shutting down"};
}

}  // namespace

struct RedisClient::Command {
  Command(const Executor& executor, std::string t, Duration d)
      : text(std::move(t)), deadline(d), done(executor) {}
  void finish(Result<RedisReply> result) {
    outcome = std::move(result);
    done.complete();
  }
  std::string text;
  Duration deadline;  // monotonic
  Completion done;
  Result<RedisReply> outcome;
};

RedisClient::RedisClient(Executor executor, Clock& clock, Log& log, RedisOptions options)
    : executor_(executor),
      clock_(clock),
      log_(log),
      options_(std::move(options)),
      address_(parse_redis_url(options_.url)),
      back_off_(kFirstBackOff, kLongestBackOff),
      background_(executor, "redis", [this](std::string_view task, std::exception_ptr) {
        log_.error("redis", "a background task ended by an exception",
                   {{"task", Json(boost::json::string_view(task))}});
      }) {}

Async<Result<RedisReply>> RedisClient::command(std::vector<std::string> arguments) {
  if (closed_) co_return std::unexpected(closing());
  if (!address_) co_return std::unexpected(address_.error());
  if (!std::exchange(started_, true)) background_.spawn("connection", keep_connected());
  if (last_error_) co_return std::unexpected(*last_error_);
  auto command = std::make_shared<Command>(executor_, encode_command(arguments),
                                           clock_.monotonic() + options_.command_timeout);
  unsent_.push_back(command);
  if (!std::exchange(watching_, true)) background_.spawn("watch", watch());
  send_soon();
  // A caller that is cancelled before its command was sent takes it back.
  const auto take_back = [this](Command* leaving) {
    std::erase_if(unsent_, [&](const auto& queued) { return queued.get() == leaving; });
  };
  const std::unique_ptr<Command, decltype(take_back)> place(command.get(), take_back);
  co_await command->done.wait();
  co_return std::move(command->outcome);
}

Async<Status> RedisClient::publish(std::string channel, std::string message) {
  std::vector<std::string> arguments{"PUBLISH", std::move(channel), std::move(message)};
  AUTERITY_CO_CHECK(co_await command(std::move(arguments)));
  co_return Status{};
}

Async<Result<std::shared_ptr<RedisStream>>> RedisClient::connect() {
  if (!address_) co_return std::unexpected(address_.error());
  co_return co_await with_deadline(clock_, kConnectTimeout, "connecting to redis",
                                   RedisStream::open(executor_, *address_));
}

Async<void> RedisClient::keep_connected() {
  while (!closed_) {
    const bool was_away = last_error_.has_value();
    auto stream = co_await connect();
    if (stream) {
      if (was_away) log_.info("redis", "connected again", {{"attempts", back_off_.failures()}});
      back_off_.reset();
      last_error_.reset();
      timed_out_ = false;
      stream_ = std::move(*stream);
      send_soon();
      const auto ended = co_await serve();
      stream_.reset();
      fail_all(timed_out_ ? Error{ErrorKind::timeout, "redis did not answer in time",
                                  "look whether Redis hangs or is overloaded"}
                          : ended.error());
      if (!closed_) log_.warning("redis", ended.error().message);
      // The next attempt is made at once, unless this connection was good for nothing.
      if (!std::exchange(served_, false)) co_await clock_.sleep(back_off_.next());
      continue;
    }
    if (!was_away) log_.warning("redis", stream.error().message);
    last_error_ = stream.error();
    fail_all(*last_error_);
    co_await clock_.sleep(back_off_.next());
  }
}

// Ends with the error that ended the connection.
Async<Status> RedisClient::serve() {
  for (;;) {
    AUTERITY_CO_CHECK(take_replies());
    AUTERITY_CO_CHECK(co_await stream_->read_more());
  }
}

Status RedisClient::take_replies() {
  for (;;) {
    AUTERITY_TRY(reply, stream_->next_reply());
    if (!reply) return {};
    if (sent_.empty()) {
      return fail(ErrorKind::unavailable, "redis sent a reply that nobody asked for",
                  "check that the Redis URL leads to Redis itself");
    }
    served_ = true;
    const auto command = std::move(sent_.front());
    sent_.pop_front();
    command->finish(std::move(*reply));
  }
}

void RedisClient::send_soon() {
  if (stream_ && !unsent_.empty() && !std::exchange(sending_, true))
    background_.spawn("send", send(stream_));
}

// Commands that come while this writes go out together in the next round.
Async<void> RedisClient::send(std::shared_ptr<RedisStream> stream) {
  const auto stop = [this](RedisClient*) { sending_ = false; };
  const std::unique_ptr<RedisClient, decltype(stop)> sending(this, stop);
  while (stream == stream_ && !unsent_.empty()) {
    std::string bytes;
    for (auto& command : unsent_) {
      bytes += command->text;
      sent_.push_back(std::move(command));
    }
    unsent_.clear();
    if (!co_await stream->write(std::move(bytes))) stream->close();
  }
}

Async<void> RedisClient::watch() {
  const auto stop = [this](RedisClient*) { watching_ = false; };
  const std::unique_ptr<RedisClient, decltype(stop)> watching(this, stop);
  while (!sent_.empty() || !unsent_.empty()) {
    const auto oldest = !sent_.empty() ? sent_.front()->deadline : unsent_.front()->deadline;
    const auto now = clock_.monotonic();
    if (oldest > now) {
      co_await clock_.sleep(oldest - now);
    } else if (stream_) {
      timed_out_ = true;
      stream_->close();
      co_return;
    } else {
      const auto late = std::move(unsent_.front());
      unsent_.pop_front();
      late->finish(fail(ErrorKind::timeout, "no connection to redis was made in time",
                        "check that Redis runs"));
    }
  }
}

void RedisClient::fail_all(const Error& error) {
  for (auto* queue : {&sent_, &unsent_}) {
    for (const auto& command : std::exchange(*queue, {})) command->finish(std::unexpected(error));
  }
}

Async<void> RedisClient::close() {
  closed_ = true;
  if (stream_) stream_->close();
  background_.stop();
  co_await background_.join();
  fail_all(closing());
}

std::unique_ptr<Redis> open_redis(Executor executor, Clock& clock, Log& log, RedisOptions options) {
  return std::make_unique<RedisClient>(std::move(executor), clock, log, std::move(options));
}

}  // namespace auterity::data
