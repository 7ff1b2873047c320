#include "api/metrics_page/peer_scrape.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include "core/deadline.h"

namespace auterity::api {
namespace asio = boost::asio;
namespace {

constexpr Duration kLimit = std::chrono::seconds(2);
constexpr std::size_t kMostBytes = 8u << 20;
// HTTP/1.0: the answer ends with the connection and is never in chunks.
constexpr std::string_view kRequest = "GET /metrics HTTP/1.0\r\n\r\n";

std::unexpected<Error> unreachable(const boost::system::error_code& error) {
  return fail(ErrorKind::unavailable, "the process does not answer: " + error.message());
}

Async<Result<std::string>> exchange(ListenAddress address) {
  using Protocol = asio::generic::stream_protocol;
  Protocol::socket socket(co_await asio::this_coro::executor);
  Protocol::endpoint endpoint;
  if (address.path.empty())
    endpoint = asio::ip::tcp::endpoint(asio::ip::make_address(address.host), address.port);
  else
    endpoint = asio::local::stream_protocol::endpoint(address.path);
  boost::system::error_code error;
  co_await socket.async_connect(endpoint, asio::redirect_error(asio::use_awaitable, error));
  if (error) co_return unreachable(error);
  co_await asio::async_write(socket, asio::buffer(kRequest),
                             asio::redirect_error(asio::use_awaitable, error));
  std::string answer;
  std::string piece(64 * 1024, '\0');
  while (!error) {
    const std::size_t count = co_await socket.async_read_some(
        asio::buffer(piece), asio::redirect_error(asio::use_awaitable, error));
    answer.append(piece, 0, count);
    if (answer.size() > kMostBytes)
      co_return fail(ErrorKind::too_large, "the process shows more than 8 MiB of metrics");
  }
  if (error != asio::error::eof) co_return unreachable(error);
  const std::size_t end = answer.find("\r\n\r\n");
  if (!answer.starts_with("HTTP/1.1 200 ") || end == std::string::npos)
    co_return fail(ErrorKind::failed, "the process does not answer with metrics");
  co_return answer.substr(end + 4);
}

}  // namespace

Async<Result<std::string>> scrape_metrics(Clock& clock, ListenAddress address) {
  return with_deadline<std::string>(clock, kLimit, "reading a replica's metrics",
                                    exchange(std::move(address)));
}

}  // namespace auterity::api
