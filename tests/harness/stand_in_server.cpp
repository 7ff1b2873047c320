#include "harness/stand_in_server.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>
#include <cctype>
#include <mutex>
#include <thread>

namespace auterity::harness {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using tcp = asio::ip::tcp;

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return result;
}

StandInRequest readable(const http::request<http::string_body>& message) {
  StandInRequest request{.method = std::string(message.method_string()),
                         .path = {},
                         .query = {},
                         .target = std::string(message.target()),
                         .headers = {},
                         .body = message.body()};
  if (const auto url = boost::urls::parse_origin_form(request.target)) {
    request.path = url->path();
    for (const auto& parameter : url->params()) request.query[parameter.key] = parameter.value;
  }
  for (const auto& field : message) {
    std::string& value = request.headers[lower(field.name_string())];
    value += (value.empty() ? "" : ", ") + std::string(field.value());
  }
  return request;
}

}  // namespace

struct StandInServer::State {
  explicit State(Handler handle) : handler(std::move(handle)) {}

  Handler handler;
  asio::io_context io{1};
  tcp::acceptor acceptor{io, tcp::endpoint(asio::ip::address_v4::loopback(), 0)};
  mutable std::mutex mutex;  // of `seen`
  std::vector<StandInRequest> seen;
  std::thread thread;

  void accept();
};

namespace {

// One connection: reads, answers, and again until the client closes it.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  using Answer = std::function<StandInAnswer(StandInRequest)>;
  Connection(tcp::socket socket, Answer answer)
      : socket_(std::move(socket)), timer_(socket_.get_executor()), answer_(std::move(answer)) {}

  void read() {
    message_ = {};
    http::async_read(socket_, buffer_, message_,
                     [self = shared_from_this()](boost::system::error_code error, std::size_t) {
                       if (!error) self->respond();
                     });
  }

 private:
  void respond() {
    StandInAnswer answer = answer_(readable(message_));
    response_ = {};
    response_.result(static_cast<unsigned>(answer.status));
    response_.version(11);
    for (const auto& [name, value] : answer.headers) response_.insert(name, value);
    response_.keep_alive(message_.keep_alive());
    const bool has_body =
        message_.method() != http::verb::head && answer.status != 204 && answer.status != 304;
    if (has_body) response_.body() = std::move(answer.body);
    if (answer.status != 204 && answer.status != 304) response_.prepare_payload();
    timer_.expires_after(answer.delay);
    timer_.async_wait([self = shared_from_this()](boost::system::error_code error) {
      if (!error) self->write();
    });
  }

  void write() {
    http::async_write(socket_, response_,
                      [self = shared_from_this()](boost::system::error_code error, std::size_t) {
                        if (!error && self->response_.keep_alive()) self->read();
                      });
  }

  tcp::socket socket_;
  asio::steady_timer timer_;
  boost::beast::flat_buffer buffer_;
  http::request<http::string_body> message_;
  http::response<http::string_body> response_;
  Answer answer_;
};

}  // namespace

void StandInServer::State::accept() {
  acceptor.async_accept([this](boost::system::error_code error, tcp::socket socket) {
    if (error) return;
    std::make_shared<Connection>(std::move(socket), [this](StandInRequest request) {
      {
        const std::lock_guard lock(mutex);
        seen.push_back(request);
      }
      return handler(request);
    })->read();
    accept();
  });
}

StandInServer::StandInServer(Handler handler)
    : state_(std::make_unique<State>(std::move(handler))) {
  state_->accept();
  state_->thread = std::thread([this] { state_->io.run(); });
}

StandInServer::~StandInServer() {
  state_->io.stop();
  state_->thread.join();
}

int StandInServer::port() const { return state_->acceptor.local_endpoint().port(); }

std::string StandInServer::url() const { return "http://127.0.0.1:" + std::to_string(port()); }

std::vector<StandInRequest> StandInServer::requests() const {
  const std::lock_guard lock(state_->mutex);
  return state_->seen;
}

}  // namespace auterity::harness
