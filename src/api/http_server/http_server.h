#pragma once
// The HTTP/1.1 server (RFC 9110, 9112): one event loop, keep-alive, pipelining answered in order.
//
// Purpose: hand whole, well-formed requests to an Application and put its answers on the wire.
// Invariants: nothing a client sends or omits ends the process or holds it for ever (every state of
// a connection but a running handler has a deadline on the injected clock); memory for a connection
// is bounded by the limits below; an answer is written whole or the connection is cut, so that a
// client never takes half an answer for one. Not here: routes, authentication, TLS (the proxy in
// front ends it).
#include <boost/asio/generic/stream_protocol.hpp>
#include <cstddef>
#include <memory>
#include <string>
#include <unordered_set>

#include "api/http_server/application.h"
#include "api/http_server/listen_address.h"
#include "core/clock.h"
#include "core/log.h"
#include "core/metrics.h"
#include "core/task_group.h"

namespace auterity::api {

class Connection;

struct ServerLimits {
  std::size_t header_bytes = 16 * 1024;
  std::size_t connections = 4096;                      // more are answered 503 and closed
  Duration header_timeout = std::chrono::seconds(10);  // first byte to the header's end
  Duration body_timeout = std::chrono::seconds(30);    // of grace, then body_bytes_per_second
  std::uint64_t body_bytes_per_second = 4096;
  Duration idle_timeout = std::chrono::seconds(75);   // between requests
  Duration write_timeout = std::chrono::seconds(30);  // without the client taking a byte
  Duration linger = std::chrono::seconds(2);  // reading on after an answer that refused a body
};

struct ServerServices {
  Executor executor;
  Clock& clock;
  Log& log;
  Gauge& active_connections;
};

class HttpServer {
 public:
  // `application` must outlive the server.
  HttpServer(ServerServices services, Application& application, ServerLimits limits = {});
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  // Binds, listens and starts accepting. conflict when the address is taken; a dead process' socket
  // file is replaced.
  Status listen(const ListenAddress& address);
  // The bound port (useful with port 0); 0 for a unix socket.
  std::uint16_t port() const { return port_; }

  // Every answer from now on closes its connection; nothing else changes: new connections are still
  // taken.
  void begin_drain();
  // Stops accepting, ends idle connections, waits for the others at most `limit`, then cuts them.
  // Completes with none left.
  Async<void> stop(Duration limit);
  std::size_t connections() const { return connections_.size(); }

 private:
  friend class Connection;
  using Protocol = boost::asio::generic::stream_protocol;
  struct Acceptor;

  Async<void> accept_loop();
  Async<void> watch_deadlines();
  Async<void> cut_after(Duration limit);
  void admit(Protocol::socket socket, Peer peer);
  std::string_view date();

  ServerServices services_;
  Application& application_;
  ServerLimits limits_;
  TaskGroup loops_;
  TaskGroup exchanges_;
  std::unique_ptr<Acceptor> acceptor_;
  std::unordered_set<Connection*> connections_;
  std::string socket_path_;
  std::uint16_t port_ = 0;
  bool draining_ = false;
  bool stopping_ = false;
  std::string date_;
  std::int64_t date_second_ = -1;
};

}  // namespace auterity::api
