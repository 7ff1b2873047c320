#include "api/http_server/http_server.h"

#include <sys/stat.h>
#include <unistd.h>

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstring>

#include "api/http_server/connection.h"
#include "api/http_server/response_head.h"

namespace auterity::api {
namespace asio = boost::asio;
namespace {

constexpr int kBacklog = 4096;
constexpr Duration kWatchInterval = std::chrono::milliseconds(500);
constexpr Duration kAcceptRetry = std::chrono::milliseconds(100);
constexpr std::string_view kFull =
    "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nRetry-After: 1\r\n"
    "Connection: close\r\n\r\n";

TaskGroup::ErrorHandler log_failure(Log& log) {
  return [&log](std::string_view task, std::exception_ptr error) {
    try {
      std::rethrow_exception(error);
    } catch (const std::exception& e) {
      log.error("http", "a server task ended unexpectedly",
                {{"task", Json(task)}, {"exception", Json(e.what())}});
    }
  };
}

asio::generic::stream_protocol::endpoint endpoint_of(const ListenAddress& address) {
  if (!address.path.empty()) return asio::local::stream_protocol::endpoint(address.path);
  return asio::ip::tcp::endpoint(asio::ip::make_address(address.host), address.port);
}

// A socket file outlives its process. Only one that nobody answers on is removed.
Status clear_stale_socket(const Executor& executor, const std::string& path) {
  struct stat facts_of_file{};
  if (::lstat(path.c_str(), &facts_of_file) != 0) return {};
  if (!S_ISSOCK(facts_of_file.st_mode))
    return fail(ErrorKind::conflict, path + " exists and is not a socket",
                "remove it, or choose another path");
  asio::local::stream_protocol::socket probe(executor);
  boost::system::error_code error;
  probe.connect(asio::local::stream_protocol::endpoint(path), error);
  if (!error)
    return fail(ErrorKind::conflict, "another process listens on " + path,
                "stop it, or choose another path");
  ::unlink(path.c_str());
  return {};
}

Error listen_error(const ListenAddress& address, const boost::system::error_code& error) {
  const bool taken = error == asio::error::address_in_use;
  const bool denied = error == asio::error::access_denied;
  return {taken    ? ErrorKind::conflict
          : denied ? ErrorKind::forbidden
                   : ErrorKind::unavailable,
          "cannot listen on " + to_text(address) + ": " + error.message(),
          taken ? "stop the process that uses it, or choose another address"
                : "choose another address, or run with the rights it needs"};
}

}  // namespace

struct HttpServer::Acceptor {
  explicit Acceptor(const Executor& executor) : socket(executor) {}
  asio::basic_socket_acceptor<Protocol> socket;
};

HttpServer::HttpServer(ServerServices services, Application& application, ServerLimits limits)
    : services_(std::move(services)),
      application_(application),
      limits_(limits),
      loops_(services_.executor, "http server", log_failure(services_.log)),
      exchanges_(services_.executor, "http connections", log_failure(services_.log)) {}

HttpServer::~HttpServer() = default;

Status HttpServer::listen(const ListenAddress& address) {
  if (!address.path.empty()) AUTERITY_CHECK(clear_stale_socket(services_.executor, address.path));
  acceptor_ = std::make_unique<Acceptor>(services_.executor);
  auto& socket = acceptor_->socket;
  const auto endpoint = endpoint_of(address);
  boost::system::error_code error;
  socket.open(endpoint.protocol(), error);
  if (!error && address.path.empty())
    socket.set_option(asio::socket_base::reuse_address(true), error);
  if (!error) socket.bind(endpoint, error);
  if (!error) socket.listen(kBacklog, error);
  if (error) return std::unexpected(listen_error(address, error));
  socket_path_ = address.path;
  if (address.path.empty()) {
    asio::ip::tcp::endpoint bound;
    const auto local = socket.local_endpoint();
    std::memcpy(bound.data(), local.data(), local.size());
    port_ = bound.port();
  }
  loops_.spawn("accept", accept_loop());
  loops_.spawn("watch deadlines", watch_deadlines());
  return {};
}

Async<void> HttpServer::accept_loop() {
  while (!stopping_) {
    Protocol::socket socket(services_.executor);
    Protocol::endpoint endpoint;
    boost::system::error_code error;
    co_await acceptor_->socket.async_accept(socket, endpoint,
                                            asio::redirect_error(asio::use_awaitable, error));
    if (stopping_) co_return;
    if (error == asio::error::no_descriptors || error == asio::error::no_buffer_space ||
        error == asio::error::no_memory ||
        error == boost::system::errc::too_many_files_open_in_system) {
      services_.log.warning("http", "cannot take a connection",
                            {{"reason", Json(error.message())}});
      co_await services_.clock.sleep(kAcceptRetry);
      continue;
    }
    if (error) continue;  // the client left before it was taken
    Peer peer{"unix", true};
    if (endpoint.protocol().family() != AF_UNIX) {
      asio::ip::tcp::endpoint from;
      std::memcpy(from.data(), endpoint.data(), std::min(endpoint.size(), from.capacity()));
      const auto address = from.address();
      peer = {address.to_string(), address.is_loopback()};
      socket.set_option(asio::ip::tcp::no_delay(true), error);
    }
    admit(std::move(socket), std::move(peer));
  }
}

void HttpServer::admit(Protocol::socket socket, Peer peer) {
  if (connections_.size() >= limits_.connections) {
    ::send(socket.native_handle(), kFull.data(), kFull.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    return;
  }
  exchanges_.spawn("connection", Connection::run(std::make_unique<Connection>(
                                     *this, std::move(socket), std::move(peer))));
}

Async<void> HttpServer::watch_deadlines() {
  while (true) {
    co_await services_.clock.sleep(kWatchInterval);
    const Duration now = services_.clock.monotonic();
    for (Connection* connection : connections_) connection->enforce_deadline(now);
  }
}

Async<void> HttpServer::cut_after(Duration limit) {
  co_await services_.clock.sleep(limit);
  for (Connection* connection : connections_) connection->cut();
  exchanges_.stop();
}

void HttpServer::begin_drain() { draining_ = true; }

Async<void> HttpServer::stop(Duration limit) {
  draining_ = stopping_ = true;
  if (acceptor_) {
    boost::system::error_code ignored;
    acceptor_->socket.close(ignored);
  }
  if (!socket_path_.empty()) ::unlink(socket_path_.c_str());
  for (Connection* connection : connections_) connection->close_if_idle();
  loops_.spawn("cut what does not end", cut_after(limit));
  co_await exchanges_.join();
  loops_.stop();
  co_await loops_.join();
}

std::string_view HttpServer::date() {
  const Time now = services_.clock.now();
  const std::int64_t second = to_epoch_microseconds(now) / 1'000'000;
  if (second != date_second_) {
    date_ = to_http_date(now);
    date_second_ = second;
  }
  return date_;
}

}  // namespace auterity::api
