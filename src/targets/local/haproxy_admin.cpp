#include "targets/local/haproxy_admin.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include "core/deadline.h"

namespace auterity::local {
namespace {

namespace asio = boost::asio;

constexpr Duration kLimit = std::chrono::seconds(2);

std::unexpected<Error> no_answer(const boost::system::error_code& error) {
  return fail(ErrorKind::unavailable, "HAProxy's admin socket: " + error.message(),
              "see whether HAProxy runs: auterity status");
}

Async<Result<std::string>> exchange(std::filesystem::path socket, std::string command) {
  boost::system::error_code error;
  asio::local::stream_protocol::socket connection(co_await asio::this_coro::executor);
  co_await connection.async_connect(asio::local::stream_protocol::endpoint(socket.string()),
                                    asio::redirect_error(asio::use_awaitable, error));
  if (error) co_return no_answer(error);
  command += '\n';
  co_await asio::async_write(connection, asio::buffer(command),
                             asio::redirect_error(asio::use_awaitable, error));
  if (error) co_return no_answer(error);
  std::string answer;
  co_await asio::async_read(connection, asio::dynamic_buffer(answer),
                            asio::redirect_error(asio::use_awaitable, error));
  if (error != asio::error::eof) co_return no_answer(error);
  co_return answer;
}

}  // namespace

Async<Result<std::string>> haproxy_command(Clock& clock, std::filesystem::path socket,
                                           std::string command) {
  co_return co_await with_deadline<std::string>(clock, kLimit, "HAProxy's admin socket",
                                                exchange(std::move(socket), std::move(command)));
}

}  // namespace auterity::local
