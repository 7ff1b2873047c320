#pragma once
// Redis as a service: an accelerator and a wake-up bus, never the only copy of anything. Every call
// has a deadline, a lost connection is re-made with back-off, and callers go on without it
// (`unavailable`).
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/async.h"
#include "core/clock.h"
#include "core/error.h"
#include "core/log.h"

namespace auterity::data {

// A RESP2 reply: nil, text (simple or bulk), integer or array. An error reply is a Result error.
struct RedisReply {
  enum class Kind { nil, text, integer, array } kind = Kind::nil;
  std::string text;
  std::int64_t integer = 0;
  std::vector<RedisReply> elements;
};

class Redis {
 public:
  virtual ~Redis() = default;
  virtual Async<Result<RedisReply>> command(std::vector<std::string> arguments) = 0;
  virtual Async<Status> publish(std::string channel, std::string message) = 0;
  // Calls `on_message` for each message until the calling coroutine is cancelled; re-subscribes
  // after reconnecting and then calls `on_reconnect`, since messages may have been missed
  // meanwhile.
  virtual Async<void> subscribe(
      std::vector<std::string> channels,
      std::function<void(std::string_view channel, std::string_view message)> on_message,
      std::function<void()> on_reconnect) = 0;
  // Fails what is under way, refuses new work, ends subscriptions. Must have completed before the
  // object goes.
  virtual Async<void> close() = 0;
};

struct RedisOptions {
  // redis://[user:password@]host:port/db, rediss:// for TLS (the server's certificate is checked
  // against the system's authorities, or those of ?ca_file=/path),
  // unix:///path?db=0&user=…&password=… ; never logged.
  std::string url;
  Duration command_timeout = std::chrono::milliseconds(500);
};
// Connects on first use. A command waits for the first connection, or for the first attempt after
// one was lost; while attempts fail, commands are refused at once. A command that is not answered
// in time ends the connection, and is not repeated. Calls are made on `executor` alone, which runs
// on one thread.
std::unique_ptr<Redis> open_redis(Executor executor, Clock& clock, Log& log, RedisOptions options);

}  // namespace auterity::data
