#include "api/http_server/connection.h"

#include <sys/socket.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <cstring>

#include "api/http_server/response_head.h"

namespace auterity::api {
namespace asio = boost::asio;
namespace {

constexpr std::size_t kBodyRoom = 16 * 1024;  // beyond the header, for pieces of a body
constexpr std::size_t kFlushAt = 64 * 1024;   // pipelined answers are collected up to here
constexpr Duration kNever = Duration::max();

}  // namespace

void Exchange::clear() {
  request.clear();
  response.clear();
  request_id.clear();
  trace_id.clear();
  path_parameter.clear();
  started = {};
  route = nullptr;
  principal.reset();
}

Connection::Connection(HttpServer& server, Socket socket, Peer peer)
    : server_(server),
      socket_(std::move(socket)),
      peer_(std::move(peer)),
      buffer_(std::make_unique_for_overwrite<char[]>(server.limits_.header_bytes + kBodyRoom)) {
  server_.connections_.insert(this);
  server_.services_.active_connections.set(static_cast<double>(server_.connections_.size()));
}

Connection::~Connection() {
  server_.connections_.erase(this);
  server_.services_.active_connections.set(static_cast<double>(server_.connections_.size()));
}

Async<void> Connection::run(std::unique_ptr<Connection> connection) {
  Connection& self = *connection;
  self.deadline_ = self.server_.services_.clock.monotonic() + self.server_.limits_.header_timeout;
  while (true) {
    self.begin_request();
    self.state_ = self.parse_buffered();
    while (self.state_ == State::need_more) {
      if (!self.flush_at_once() && !co_await self.flush()) co_return;
      if (!co_await self.read_more()) break;
      self.state_ = self.parse_buffered();
    }
    Exchange& exchange = self.exchange_;
    if (self.state_ == State::need_more) {
      // Nothing more will come. A client that began a request in time to be late hears why; one
      // that left does not.
      if (!self.overdue_ || self.phase_ != Phase::header) co_return;
      self.server_.application_.refuse(exchange, 408, "the request header did not arrive in time");
      self.keep_alive_ = false;
    } else if (self.state_ == State::failed) {
      self.server_.application_.refuse(exchange, self.parser_->status(), self.parser_->reason());
      self.keep_alive_ = false;
    } else {
      self.header_end_ = self.parsed_;
      self.phase_ = Phase::handling;
      self.deadline_ = kNever;
      const Admission admission = self.server_.application_.admit(exchange);
      if (!admission.answered) co_await self.answer(admission);
      self.keep_alive_ = self.finish_unread_body() && self.parser_->keeps_alive();
    }
    self.append_answer();
    if (exchange.response.stream && !co_await self.send_stream()) self.keep_alive_ = false;
    self.server_.application_.finished(exchange, self.answer_bytes_);
    if (!self.keep_alive_) break;
    if (self.out_.size() > kFlushAt && !co_await self.flush()) co_return;
  }
  if (co_await self.flush()) co_await self.linger();
}

void Connection::begin_request() {
  exchange_.clear();
  exchange_.request.peer = peer_;
  std::memmove(buffer_.get(), buffer_.get() + parsed_, filled_ - parsed_);
  filled_ -= parsed_;
  parsed_ = 0;
  header_end_ = 0;
  body_bytes_ = 0;
  continue_sent_ = false;
  overdue_ = false;
  parser_.emplace(exchange_.request, server_.limits_.header_bytes);
  if (phase_ != Phase::idle) enter(Phase::idle, server_.limits_.idle_timeout);
}

Connection::State Connection::parse_buffered() {
  parser_->forget_piece();
  if (filled_ == parsed_) return State::need_more;
  std::size_t used = 0;
  const State state = parser_->feed({buffer_.get() + parsed_, filled_ - parsed_}, used);
  parsed_ += used;
  return state;
}

// False: the connection has ended, is overdue, or its buffer is full of something that never ends.
Async<bool> Connection::read_more() {
  // The cut may have come when a read had just succeeded: nobody would watch over the next one.
  if (overdue_) co_return false;
  if (phase_ == Phase::idle && filled_ > parsed_)
    enter(Phase::header, server_.limits_.header_timeout);
  if (phase_ == Phase::idle && server_.stopping_) co_return false;
  const std::size_t capacity = server_.limits_.header_bytes + kBodyRoom;
  if (header_end_ > 0 && parsed_ > header_end_) {
    std::memmove(buffer_.get() + header_end_, buffer_.get() + parsed_, filled_ - parsed_);
    filled_ -= parsed_ - header_end_;
    parsed_ = header_end_;
  }
  if (filled_ == capacity) co_return false;
  boost::system::error_code error;
  filled_ +=
      co_await socket_.async_read_some(asio::buffer(buffer_.get() + filled_, capacity - filled_),
                                       asio::redirect_error(asio::use_awaitable, error));
  co_return !error;
}

Async<void> Connection::answer(Admission admission) {
  // Whatever waits to be sent belongs to earlier requests, which must not wait for this one.
  if (!co_await flush()) co_return;
  body_limit_ = admission.body_limit;
  parser_->limit_body(body_limit_);
  if (parser_->length().value_or(0) > body_limit_) {
    server_.application_.refuse(exchange_, 413, "the request body is too large");
    co_return;
  }
  body_started_ = server_.services_.clock.monotonic();
  if (admission.streamed) {
    exchange_.request.stream = this;
  } else if (parser_->has_body() && !co_await read_body(body_limit_)) {
    co_return;
  }
  phase_ = Phase::handling;
  deadline_ = kNever;
  co_await server_.application_.handle(exchange_);
  exchange_.request.stream = nullptr;
}

// False: refused, and the refusal is the answer.
Async<bool> Connection::read_body(std::uint64_t limit) {
  std::string& body = exchange_.request.body;
  body.reserve(std::min<std::uint64_t>(parser_->length().value_or(0), std::min(limit, kFlushAt)));
  while (true) {
    Result<std::string_view> piece = co_await read();
    if (!piece) {
      const ErrorKind kind = piece.error().kind;
      const int status = kind == ErrorKind::timeout     ? 408
                         : kind == ErrorKind::too_large ? 413
                                                        : 400;
      server_.application_.refuse(exchange_, status, piece.error().message);
      co_return false;
    }
    if (piece->empty()) co_return true;
    body.append(*piece);
  }
}

Async<Result<std::string_view>> Connection::read() {
  if (!co_await continue_expected())
    co_return fail(ErrorKind::cancelled, "the client has gone away");
  while (state_ != State::complete && state_ != State::failed && parser_->has_body()) {
    state_ = parse_buffered();
    if (state_ == State::failed) break;
    if (!parser_->piece().empty()) {
      body_bytes_ += parser_->piece().size();
      co_return parser_->piece();
    }
    if (state_ == State::complete) break;
    phase_ = Phase::body;
    deadline_ = body_started_ + server_.limits_.body_timeout +
                std::chrono::seconds(body_bytes_ / server_.limits_.body_bytes_per_second);
    const bool more = co_await read_more();
    phase_ = Phase::handling;
    deadline_ = kNever;
    if (more) continue;
    keep_alive_ = false;
    if (overdue_)
      co_return fail(ErrorKind::timeout, "the request body did not arrive in time",
                     "send it faster, or in smaller requests");
    co_return fail(ErrorKind::invalid_input, "the request body ended early or is malformed",
                   "send as many bytes as Content-Length says, or well-formed chunks");
  }
  if (state_ != State::failed) co_return std::string_view{};
  keep_alive_ = false;
  co_return fail(parser_->status() == 413 ? ErrorKind::too_large : ErrorKind::invalid_input,
                 std::string(parser_->reason()),
                 parser_->status() == 413 ? "send a smaller body" : "send well-formed HTTP/1.1");
}

Async<bool> Connection::continue_expected() {
  if (continue_sent_ || !parser_->has_body() || exchange_.request.version < 11) co_return true;
  continue_sent_ = true;
  const auto expect = exchange_.request.header("Expect");
  if (!expect || !equals_without_case(*expect, "100-continue") || filled_ > parsed_) co_return true;
  out_.append("HTTP/1.1 100 Continue\r\n\r\n");
  co_return co_await flush();
}

// Takes the rest of a body that was not wanted when all of it is here; otherwise the connection
// cannot be used again.
bool Connection::finish_unread_body() {
  while (parser_->has_body() && state_ != State::failed && filled_ > parsed_) {
    const std::size_t before = parsed_;
    state_ = parse_buffered();
    if (parsed_ == before) break;
  }
  return state_ != State::failed && !parser_->has_body();
}

void Connection::append_answer() {
  const Response& response = exchange_.response;
  keep_alive_ = keep_alive_ && !server_.draining_;
  const bool is_head = exchange_.request.method == Method::head;
  HeadOptions options{.date = server_.date(),
                      .request_id = exchange_.request_id,
                      .keep_alive = keep_alive_,
                      .version = exchange_.request.version};
  if (!response.stream) {
    options.length = response.body.size();
  } else if (response.stream_size) {
    options.length = response.stream_size;
  } else {
    options.chunked = options.version == 11;
    if (!options.chunked) options.keep_alive = keep_alive_ = false;
  }
  append_head(out_, response, options);
  answer_bytes_ = 0;
  const bool bodiless = is_head || response.status == 204 || response.status == 304;
  if (bodiless) exchange_.response.stream.reset();
  if (bodiless || response.stream) return;
  out_.append(response.body);
  answer_bytes_ = response.body.size();
}

// False: the stream broke, and with it the connection.
Async<bool> Connection::send_stream() {
  const Response& response = exchange_.response;
  const bool chunked = !response.stream_size && exchange_.request.version == 11;
  if (!co_await flush()) co_return false;
  while (true) {
    phase_ = Phase::handling;
    deadline_ = kNever;
    Result<std::string> piece = co_await response.stream->read();
    if (!piece) co_return false;
    if (piece->empty()) break;
    answer_bytes_ += piece->size();
    if (chunked) {
      char size[20];
      const int length = std::snprintf(size, sizeof size, "%zx\r\n", piece->size());
      out_.append(size, static_cast<std::size_t>(length)).append(*piece).append("\r\n");
    } else {
      out_.append(*piece);
    }
    if (!co_await flush()) co_return false;
  }
  if (chunked) out_.append("0\r\n\r\n");
  co_return !response.stream_size || answer_bytes_ == *response.stream_size;
}

// Most answers fit the socket's buffer: one system call, no suspension.
bool Connection::flush_at_once() {
  if (out_.empty()) return true;
  const ssize_t written = ::send(socket_.native_handle(), out_.data() + sent_, out_.size() - sent_,
                                 MSG_NOSIGNAL | MSG_DONTWAIT);
  if (written > 0) sent_ += static_cast<std::size_t>(written);
  if (sent_ < out_.size()) return false;
  out_.clear();
  sent_ = 0;
  return true;
}

Async<bool> Connection::flush() {
  while (!flush_at_once()) {
    const Phase before = phase_;
    const Duration deadline_before = deadline_;
    enter(Phase::writing, server_.limits_.write_timeout);
    boost::system::error_code error;
    sent_ +=
        co_await socket_.async_write_some(asio::buffer(out_.data() + sent_, out_.size() - sent_),
                                          asio::redirect_error(asio::use_awaitable, error));
    if (error) co_return false;
    phase_ = before;
    deadline_ = deadline_before;
  }
  co_return true;
}

// Closing while the client still sends would reset the connection and could destroy the answer on
// its way.
Async<void> Connection::linger() {
  boost::system::error_code error;
  socket_.shutdown(Socket::shutdown_send, error);
  if (error) co_return;
  enter(Phase::lingering, server_.limits_.linger);
  while (!error && !overdue_)
    co_await socket_.async_read_some(asio::buffer(buffer_.get(), server_.limits_.header_bytes),
                                     asio::redirect_error(asio::use_awaitable, error));
}

void Connection::enter(Phase phase, Duration limit) {
  phase_ = phase;
  deadline_ = server_.services_.clock.monotonic() + limit;
}

void Connection::enforce_deadline(Duration now) {
  if (now < deadline_) return;
  overdue_ = true;
  deadline_ = kNever;
  if (phase_ == Phase::header || phase_ == Phase::body) {
    boost::system::error_code ignored;
    socket_.cancel(ignored);  // the reader answers 408
  } else {
    cut();
  }
}

void Connection::close_if_idle() {
  if (phase_ == Phase::idle && out_.empty()) cut();
}

void Connection::cut() {
  boost::system::error_code ignored;
  socket_.close(ignored);
}

}  // namespace auterity::api
