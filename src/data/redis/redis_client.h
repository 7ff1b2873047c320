#pragma once
// The client behind redis.h: one connection for commands, shared by all callers by pipelining, and
// one for each subscription.
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "core/task_group.h"
#include "data/back_off.h"
#include "data/completion.h"
#include "data/redis.h"
#include "data/redis/redis_stream.h"

namespace auterity::data {

class RedisClient final : public Redis {
 public:
  RedisClient(Executor executor, Clock& clock, Log& log, RedisOptions options);

  Async<Result<RedisReply>> command(std::vector<std::string> arguments) override;
  Async<Status> publish(std::string channel, std::string message) override;
  Async<void> subscribe(std::vector<std::string> channels,
                        std::function<void(std::string_view, std::string_view)> on_message,
                        std::function<void()> on_reconnect) override;
  Async<void> close() override;

 private:
  struct Command;
  using CommandPtr = std::shared_ptr<Command>;

  // Keeps the connection for commands, from the first command until close().
  Async<void> keep_connected();
  Async<Status> serve();
  Status take_replies();
  void send_soon();
  Async<void> send(std::shared_ptr<RedisStream> stream);
  // Ends the connection when the oldest command's time is up.
  Async<void> watch();
  void fail_all(const Error& error);
  Async<Result<std::shared_ptr<RedisStream>>> connect();

  Async<Status> listen(std::vector<std::string> channels,
                       const std::function<void(std::string_view, std::string_view)>& on_message,
                       std::function<void()> on_subscribed);

  Executor executor_;
  Clock& clock_;
  Log& log_;
  RedisOptions options_;
  Result<RedisAddress> address_;
  std::shared_ptr<RedisStream> stream_;  // null while not connected
  std::deque<CommandPtr> unsent_;
  std::deque<CommandPtr> sent_;  // in the order of their replies
  BackOff back_off_;
  std::optional<Error> last_error_;  // set while connecting fails
  bool started_ = false;
  bool sending_ = false;
  bool watching_ = false;
  bool served_ = false;     // this connection brought a reply
  bool timed_out_ = false;  // the watch ended this connection
  bool closed_ = false;
  TaskGroup background_;
};

}  // namespace auterity::data
