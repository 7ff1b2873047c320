#pragma once
// What tests of the server share: one on a loopback port with a clock that the test moves, an
// application that answers by what it is asked, and a client that speaks byte by byte.
#include "api/http_server/http_server.h"

#include <gtest/gtest.h>

#include <unistd.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <memory>

#include "core/system_clock.h"
#include "harness/event_loop.h"

namespace auterity::api {

namespace asio = boost::asio;
using asio::ip::tcp;
using namespace std::chrono_literals;

class CountingGauge final : public Gauge {
 public:
  void set(double value) override { value_ = value; }
  void add(double amount) override { value_ += amount; }
  double value_ = 0;
};

// Time moves when the test says so; sleepers wake when it has moved far enough.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(asio::io_context& io) : io_(io) {}
  Time now() const override { return Time(std::chrono::seconds(1'700'000'000)) + elapsed_; }
  Duration monotonic() const override { return elapsed_; }
  Async<void> sleep(Duration duration) override {
    const auto timer = std::make_shared<asio::steady_timer>(co_await asio::this_coro::executor,
                                                            asio::steady_timer::time_point::max());
    const auto place = sleepers_.emplace(elapsed_ + duration, timer);
    const Duration wake = place->first;
    while (elapsed_ < wake) {
      boost::system::error_code woken;
      co_await timer->async_wait(asio::redirect_error(asio::use_awaitable, woken));
      if ((co_await asio::this_coro::cancellation_state).cancelled() !=
          asio::cancellation_type::none) {
        sleepers_.erase(place);
        throw boost::system::system_error(asio::error::operation_aborted);
      }
    }
    sleepers_.erase(place);
  }
  // In steps, so that periodic duties meet every instant they would meet in real time.
  void advance(Duration duration) {
    for (Duration moved{}; moved < duration; moved += 100ms) {
      elapsed_ += 100ms;
      for (const auto& [wake, timer] : sleepers_)
        if (wake <= elapsed_) timer->cancel();
      io_.restart();
      io_.poll();
    }
  }
  // Time moves when what runs now has returned, and sleepers hear of it before anything that is
  // begun from here on can complete.
  void advance_in_turn(Duration duration) {
    asio::post(io_, [this, duration] { elapsed_ += duration; });
    for (const auto& [wake, timer] : sleepers_) timer->cancel();
  }

 private:
  asio::io_context& io_;
  Duration elapsed_ = 1h;
  std::multimap<Duration, std::shared_ptr<asio::steady_timer>> sleepers_;
};

class EchoApplication final : public Application {
 public:
  Admission admit(Exchange& exchange) override {
    exchange.request_id = "test";
    if (exchange.request.path == "/now") {
      exchange.response.body = "now";
      return {.answered = true};
    }
    return {.streamed = exchange.request.path == "/stream", .body_limit = 1000};
  }
  Async<void> handle(Exchange& exchange) override {
    if (exchange.request.path == "/blocked") {
      while (blocked) {
        boost::system::error_code woken;
        co_await gate->async_wait(asio::redirect_error(asio::use_awaitable, woken));
      }
    }
    if (exchange.request.stream) {
      while (true) {
        auto piece = co_await exchange.request.stream->read();
        if (!piece) {
          exchange.response.status = 400;
          exchange.response.body = piece.error().message;
          co_return;
        }
        if (piece->empty()) break;
        exchange.response.body.append(*piece);
      }
      co_return;
    }
    exchange.response.body = "[" + exchange.request.body + "]";
  }
  void refuse(Exchange& exchange, int status, std::string_view reason) override {
    exchange.response.clear();
    exchange.response.status = status;
    exchange.response.body = reason;
  }
  void finished(const Exchange& exchange, std::uint64_t) override {
    statuses.push_back(exchange.response.status);
    if (on_finished) on_finished();
  }

  bool blocked = true;
  std::unique_ptr<asio::steady_timer> gate;
  std::vector<int> statuses;
  std::function<void()> on_finished;
};

class HttpServerTest : public testing::Test {
 protected:
  HttpServerTest() {
    application_.gate =
        std::make_unique<asio::steady_timer>(io_, asio::steady_timer::time_point::max());
    limits_.connections = 8;
    start();
  }
  ~HttpServerTest() override { stop(0s); }

  void start() {
    server_ = std::make_unique<HttpServer>(ServerServices{io_.get_executor(), clock_, log_, gauge_},
                                           application_, limits_);
    const auto listening = server_->listen({"", "127.0.0.1", 0});
    ASSERT_TRUE(listening) << listening.error().message;
  }

  void stop(Duration limit) {
    if (!server_) return;
    bool ended = false;
    asio::co_spawn(io_, server_->stop(limit), [&](std::exception_ptr) { ended = true; });
    while (!ended) clock_.advance(100ms);
    server_.reset();
  }

  tcp::socket connect() {
    tcp::socket socket(io_);
    socket.connect({asio::ip::make_address("127.0.0.1"), server_->port()});
    socket.non_blocking(true);
    settle();
    return socket;
  }

  // Runs whatever can run; kernel buffers of the loopback interface are filled at once, so that a
  // few rounds reach a standstill.
  void settle() {
    for (int i = 0; i < 20; ++i) {
      io_.restart();
      io_.poll();
    }
  }

  void send(tcp::socket& socket, std::string_view text) {
    boost::system::error_code ignored;
    asio::write(socket, asio::buffer(text), ignored);
    settle();
  }

  // What has arrived; `ended` says whether the server closed.
  std::string receive(tcp::socket& socket, bool* ended = nullptr) {
    settle();
    std::string text;
    std::array<char, 4096> buffer;
    while (true) {
      boost::system::error_code error;
      const std::size_t count = socket.read_some(asio::buffer(buffer), error);
      text.append(buffer.data(), count);
      if (ended) *ended = error == asio::error::eof || error == asio::error::connection_reset;
      if (error) return text;
      settle();
    }
  }

  static std::string body_of(const std::string& answer) {
    const auto end = answer.find("\r\n\r\n");
    return end == std::string::npos ? "no header end" : answer.substr(end + 4);
  }
  static int status_of(const std::string& answer) {
    return answer.size() > 12 ? std::atoi(answer.substr(9, 3).c_str()) : 0;
  }

  asio::io_context io_;
  ManualClock clock_{io_};
  harness::SilentLog log_;
  CountingGauge gauge_;
  EchoApplication application_;
  ServerLimits limits_;
  std::unique_ptr<HttpServer> server_;
};

inline const std::string kPost = "POST /a HTTP/1.1\r\nHost: x\r\n";

}  // namespace auterity::api
