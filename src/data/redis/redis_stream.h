#pragma once
// One connection to a Redis server: TCP, unix socket or TLS, signed in, with the database selected.
// One reader and one writer may be under way at the same moment. It has no deadlines of its own and
// does not come back once closed.
#include <array>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <memory>
#include <optional>
#include <string>

#include "core/async.h"
#include "data/redis/redis_address.h"
#include "data/redis/resp.h"

namespace auterity::data {

class RedisStream {
 public:
  static Async<Result<std::shared_ptr<RedisStream>>> open(Executor executor, RedisAddress address);

  Async<Status> write(std::string bytes);
  // Waits for bytes and takes them in.
  Async<Status> read_more();
  // See ReplyReader::next().
  Result<std::optional<Result<RedisReply>>> next_reply() { return reader_.next(); }
  // Ends reading and writing with an error.
  void close();

 private:
  using Socket = boost::asio::generic::stream_protocol::socket;

  explicit RedisStream(Executor executor);
  Async<Status> connect(RedisAddress address);
  Async<Status> start_tls(RedisAddress address);
  Async<Status> sign_in(RedisAddress address);
  Socket& socket() { return stream_.next_layer(); }

  boost::asio::ssl::context tls_context_;
  boost::asio::ssl::stream<Socket> stream_;
  bool tls_ = false;
  std::array<char, 16 * 1024> buffer_;
  ReplyReader reader_;
};

}  // namespace auterity::data
