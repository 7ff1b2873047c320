#include "data/redis/redis_stream.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/system/system_error.hpp>

namespace auterity::data {
namespace asio = boost::asio;
using boost::system::error_code;

namespace {

// A system error as a Result; cancellation of the calling coroutine as the exception that it is.
Status to_status(const error_code& error, std::string_view doing, std::string_view hint) {
  if (!error) return {};
  if (error == asio::error::operation_aborted) throw boost::system::system_error(error);
  return fail(ErrorKind::unavailable, std::string(doing) + ": " + error.message(),
              std::string(hint));
}

constexpr std::string_view kCheckRunning =
    "check that Redis runs and that the Redis URL names the right host and port";

}  // namespace

RedisStream::RedisStream(Executor executor)
    : tls_context_(asio::ssl::context::tls_client), stream_(executor, tls_context_) {}

Async<Result<std::shared_ptr<RedisStream>>> RedisStream::open(Executor executor,
                                                              RedisAddress address) {
  std::shared_ptr<RedisStream> stream(new RedisStream(executor));
  AUTERITY_CO_CHECK(co_await stream->connect(address));
  if (address.tls) AUTERITY_CO_CHECK(co_await stream->start_tls(address));
  AUTERITY_CO_CHECK(co_await stream->sign_in(address));
  co_return stream;
}

Async<Status> RedisStream::connect(RedisAddress address) {
  error_code error;
  auto token = asio::redirect_error(asio::use_awaitable, error);
  constexpr std::string_view doing = "no connection to redis";
  if (!address.socket_path.empty()) {
    if (address.socket_path.size() > 107) {
      co_return fail(ErrorKind::invalid_input, "the path of the Redis socket is too long",
                     "a unix socket's path has at most 107 bytes");
    }
    co_await socket().async_connect(asio::local::stream_protocol::endpoint(address.socket_path),
                                    token);
    co_return to_status(error, doing, kCheckRunning);
  }
  asio::ip::tcp::resolver resolver(stream_.get_executor());
  const auto found =
      co_await resolver.async_resolve(address.host, std::to_string(address.port), token);
  AUTERITY_CO_CHECK(to_status(error, "the host name of redis cannot be resolved", kCheckRunning));
  for (const auto& entry : found) {
    if (socket().is_open()) socket().close();
    co_await socket().async_connect(entry.endpoint(), token);
    if (!error) break;
  }
  AUTERITY_CO_CHECK(to_status(error, doing, kCheckRunning));
  error_code ignored;
  socket().set_option(asio::ip::tcp::no_delay(true), ignored);
  co_return Status{};
}

Async<Status> RedisStream::start_tls(RedisAddress address) {
  error_code error;
  if (address.ca_file.empty()) {
    tls_context_.set_default_verify_paths(error);
  } else {
    tls_context_.load_verify_file(address.ca_file, error);
  }
  if (error) {
    co_return fail(ErrorKind::invalid_input, "the certificates to check redis by cannot be read",
                   "name a readable PEM file as ca_file in the Redis URL");
  }
  stream_.set_verify_mode(asio::ssl::verify_peer);
  stream_.set_verify_callback(asio::ssl::host_name_verification(address.host));
  ::SSL_set_tlsext_host_name(stream_.native_handle(), address.host.c_str());
  co_await stream_.async_handshake(asio::ssl::stream_base::client,
                                   asio::redirect_error(asio::use_awaitable, error));
  tls_ = true;
  co_return to_status(error, "no secure connection to redis",
                      "check that its certificate is valid for this host and signed by an "
                      "authority that is trusted here");
}

Async<Status> RedisStream::sign_in(RedisAddress address) {
  std::string commands;
  int replies = 0;
  if (!address.password.empty()) {
    std::vector<std::string> auth{"AUTH"};
    if (!address.user.empty()) auth.push_back(address.user);
    auth.push_back(address.password);
    commands += encode_command(auth);
    ++replies;
  }
  if (address.database != 0) {
    commands += encode_command({"SELECT", std::to_string(address.database)});
    ++replies;
  }
  // Also tells a server that accepts but does not serve (loading, wrong protocol) from one that
  // does.
  commands += encode_command({"PING"});
  ++replies;
  AUTERITY_CO_CHECK(co_await write(std::move(commands)));
  while (replies > 0) {
    AUTERITY_CO_TRY(reply, next_reply());
    if (!reply) {
      AUTERITY_CO_CHECK(co_await read_more());
      continue;
    }
    AUTERITY_CO_CHECK(*reply);
    --replies;
  }
  co_return Status{};
}

Async<Status> RedisStream::write(std::string bytes) {
  error_code error;
  auto token = asio::redirect_error(asio::use_awaitable, error);
  if (tls_) {
    co_await asio::async_write(stream_, asio::buffer(bytes), token);
  } else {
    co_await asio::async_write(socket(), asio::buffer(bytes), token);
  }
  co_return to_status(error, "the connection to redis broke", "try again");
}

Async<Status> RedisStream::read_more() {
  error_code error;
  auto token = asio::redirect_error(asio::use_awaitable, error);
  const auto size = tls_ ? co_await stream_.async_read_some(asio::buffer(buffer_), token)
                         : co_await socket().async_read_some(asio::buffer(buffer_), token);
  AUTERITY_CO_CHECK(to_status(error, "the connection to redis broke", "try again"));
  reader_.feed({buffer_.data(), size});
  co_return Status{};
}

void RedisStream::close() {
  error_code ignored;
  socket().shutdown(Socket::shutdown_both, ignored);
}

}  // namespace auterity::data
