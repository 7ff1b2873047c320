#include "operations/prove/load_connection.h"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/system/system_error.hpp>
#include <optional>

namespace auterity::operations {
namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
namespace {

constexpr std::chrono::seconds kAnswerLimit{30};
constexpr std::uint64_t kMostBytes = 64u << 20;

using ErrorCode = boost::system::error_code;

}  // namespace

struct LoadConnection::State {
  State(const Executor& executor, LoadAddress to) : address(std::move(to)), stream(executor) {}

  // What becomes of the connection after `error`: usable again, or closed.
  Status outcome(const ErrorCode& error, std::string_view doing) {
    if (!error) return {};
    close();
    if (error == asio::error::operation_aborted) throw boost::system::system_error(error);
    if (error == beast::error::timeout)
      return fail(ErrorKind::timeout, std::string(doing) + ": no answer in time");
    return fail(ErrorKind::unavailable, std::string(doing) + ": " + error.message());
  }
  void close() {
    open = false;
    buffer.clear();
    ErrorCode ignored;
    stream.socket().close(ignored);
  }
  void begin_answer() {
    parser.emplace();
    parser->body_limit(kMostBytes);
  }

  LoadAddress address;
  beast::tcp_stream stream;
  beast::flat_buffer buffer;
  std::optional<http::response_parser<http::string_body>> parser;
  bool open = false;
};

LoadConnection::LoadConnection(Executor executor, LoadAddress address)
    : state_(std::make_unique<State>(executor, std::move(address))) {}
LoadConnection::~LoadConnection() = default;

Async<Status> LoadConnection::send(std::string request) {
  ErrorCode error;
  state_->stream.expires_after(kAnswerLimit);
  if (!state_->open) {
    const asio::ip::tcp::endpoint endpoint(asio::ip::make_address(state_->address.host, error),
                                           static_cast<std::uint16_t>(state_->address.port));
    AUTERITY_CO_CHECK(state_->outcome(error, "reading the address"));
    co_await state_->stream.async_connect(endpoint,
                                          asio::redirect_error(asio::use_awaitable, error));
    AUTERITY_CO_CHECK(state_->outcome(error, "connecting"));
    state_->stream.socket().set_option(asio::ip::tcp::no_delay(true), error);
    state_->open = true;
  }
  co_await asio::async_write(state_->stream, asio::buffer(request),
                             asio::redirect_error(asio::use_awaitable, error));
  co_return state_->outcome(error, "sending");
}

Async<Result<LoadAnswer>> LoadConnection::exchange(std::string request) {
  AUTERITY_CO_CHECK(co_await send(std::move(request)));
  state_->begin_answer();
  ErrorCode error;
  co_await http::async_read(state_->stream, state_->buffer, *state_->parser,
                            asio::redirect_error(asio::use_awaitable, error));
  AUTERITY_CO_CHECK(state_->outcome(error, "reading the answer"));
  auto& message = state_->parser->get();
  if (!state_->parser->keep_alive()) state_->close();
  co_return LoadAnswer{static_cast<int>(message.result_int()), std::move(message.body())};
}

Async<Result<int>> LoadConnection::open_stream(std::string request) {
  AUTERITY_CO_CHECK(co_await send(std::move(request)));
  state_->begin_answer();
  ErrorCode error;
  co_await http::async_read_header(state_->stream, state_->buffer, *state_->parser,
                                   asio::redirect_error(asio::use_awaitable, error));
  AUTERITY_CO_CHECK(state_->outcome(error, "reading the answer"));
  co_return static_cast<int>(state_->parser->get().result_int());
}

Async<Result<std::string>> LoadConnection::read_piece() {
  std::string& body = state_->parser->get().body();
  while (body.empty() && !state_->parser->is_done()) {
    ErrorCode error;
    state_->stream.expires_after(kAnswerLimit);
    co_await http::async_read_some(state_->stream, state_->buffer, *state_->parser,
                                   asio::redirect_error(asio::use_awaitable, error));
    AUTERITY_CO_CHECK(state_->outcome(error, "reading the stream"));
  }
  if (body.empty() && !state_->parser->keep_alive()) state_->close();
  co_return std::exchange(body, {});
}

}  // namespace auterity::operations
