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

namespace auterity::api {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using namespace std::chrono_literals;

class SilentLog final : public Log {
 public:
  void write(LogLevel, std::string_view, std::string_view, const LogContext&, LogFields,
             std::source_location) override {}
};

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
  SilentLog log_;
  CountingGauge gauge_;
  EchoApplication application_;
  ServerLimits limits_;
  std::unique_ptr<HttpServer> server_;
};

TEST_F(HttpServerTest, AnswersAndKeepsTheConnection) {
  auto socket = connect();
  for (int i = 0; i < 3; ++i) {
    send(socket, "GET /now HTTP/1.1\r\nHost: x\r\n\r\n");
    bool ended = true;
    const std::string answer = receive(socket, &ended);
    EXPECT_EQ(status_of(answer), 200);
    EXPECT_EQ(body_of(answer), "now");
    EXPECT_NE(answer.find("\r\nX-Request-Id: test\r\n"), std::string::npos);
    EXPECT_NE(answer.find("\r\nX-Content-Type-Options: nosniff\r\n"), std::string::npos);
    EXPECT_NE(answer.find(" GMT\r\n"), std::string::npos);
    EXPECT_FALSE(ended);
  }
  EXPECT_EQ(gauge_.value_, 1);
}

TEST_F(HttpServerTest, AnswersPipelinedRequestsInOrder) {
  auto socket = connect();
  send(socket,
       "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\none"
       "GET /now HTTP/1.1\r\nHost: x\r\n\r\n"
       "POST /c HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: "
       "chunked\r\n\r\n2\r\nth\r\n3\r\nree\r\n0\r\n\r\n"
       "GET /now HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  bool ended = false;
  const std::string answers = receive(socket, &ended);
  const auto one = answers.find("[one]"), now = answers.find("\r\n\r\nnow"),
             three = answers.find("[three]");
  EXPECT_LT(one, now);
  EXPECT_LT(now, three);
  EXPECT_NE(answers.find("\r\n\r\nnow", three), std::string::npos);
  EXPECT_TRUE(ended);
}

TEST_F(HttpServerTest, TakesARequestByteByByte) {
  auto socket = connect();
  for (char c : std::string("POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: "
                            "chunked\r\n\r\n4;ext=1\r\nbody\r\n0\r\n\r\n"))
    send(socket, {&c, 1});
  EXPECT_EQ(body_of(receive(socket)), "[body]");
}

// The library behind the parser asserts when the last chunk arrives in pieces of some sizes.
TEST_F(HttpServerTest, TakesALastChunkInEverySplit) {
  const std::string head = "POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (const std::string& tail : {std::string("0\r\n\r\n"), std::string("1\r\nx\r\n0\r\n\r\n"),
                                  std::string("0\r\nTrailer: a\r\n\r\n")})
    for (std::size_t split = 1; split < tail.size(); ++split) {
      auto socket = connect();
      send(socket, head + tail.substr(0, split));
      send(socket, tail.substr(split));
      EXPECT_EQ(status_of(receive(socket)), 200) << tail << " split at " << split;
    }
}

struct BadRequest {
  std::string text;
  int status;
};
class BadRequestTest : public HttpServerTest, public testing::WithParamInterface<BadRequest> {};

TEST_P(BadRequestTest, IsRefusedAndClosed) {
  auto socket = connect();
  send(socket, GetParam().text);
  bool ended = false;
  const std::string answer = receive(socket, &ended);
  EXPECT_EQ(status_of(answer), GetParam().status) << answer;
  EXPECT_NE(answer.find("\r\nConnection: close\r\n"), std::string::npos);
  EXPECT_TRUE(ended);
  EXPECT_EQ(application_.statuses, std::vector{GetParam().status});
}

const std::string kPost = "POST /a HTTP/1.1\r\nHost: x\r\n";
INSTANTIATE_TEST_SUITE_P(
    All, BadRequestTest,
    testing::Values(
        BadRequest{"garbage\r\n\r\n", 400}, BadRequest{std::string("\0\0\0\0\r\n\r\n", 8), 400},
        BadRequest{"GET /now HTTP/3.0\r\nHost: x\r\n\r\n", 400},
        BadRequest{"GET /now HTTP/1.1\r\n\r\n", 400},
        BadRequest{"GET /now HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", 400},
        BadRequest{"GET http://x/now HTTP/1.1\r\nHost: x\r\n\r\n", 400},
        BadRequest{"GET /now HTTP/1.1\r\nHost: x\r\nA: b\r\n folded\r\n\r\n", 400},
        BadRequest{"GET /now HTTP/1.1\r\nHost: x\r\nBad Name: b\r\n\r\n", 400},
        BadRequest{"GET /" + std::string(17 * 1024, 'a') + " HTTP/1.1\r\nHost: x\r\n\r\n", 431},
        BadRequest{"GET /now HTTP/1.1\r\nHost: x\r\nA: " + std::string(17 * 1024, 'a') + "\r\n\r\n",
                   431},
        BadRequest{kPost + "Content-Length: 1001\r\n\r\n", 413},
        BadRequest{kPost + "Content-Length: -1\r\n\r\n", 400},
        BadRequest{kPost + "Content-Length: 1\r\nContent-Length: 2\r\n\r\nab", 400},
        BadRequest{kPost + "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
        BadRequest{kPost + "Transfer-Encoding: gzip\r\n\r\n", 400},
        BadRequest{kPost + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 400},
        BadRequest{kPost + "Transfer-Encoding: chunked\r\n\r\nxyz garbage\r\n", 400},
        BadRequest{kPost + "Transfer-Encoding: chunked\r\n\r\n3\r\nabcdef\r\n", 400},
        BadRequest{kPost + "Transfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\nabc", 400},
        BadRequest{kPost + "Transfer-Encoding: chunked\r\n\r\n3e9\r\n", 413}));

TEST_F(HttpServerTest, AnswersAPeerThatClosedItsSideAndEndsWithIt) {
  auto socket = connect();
  asio::write(socket, asio::buffer(std::string_view("GET /now HTTP/1.1\r\nHost: x\r\n\r\n")));
  socket.shutdown(tcp::socket::shutdown_send);
  bool ended = false;
  EXPECT_EQ(body_of(receive(socket, &ended)), "now");
  EXPECT_TRUE(ended);
  settle();
  EXPECT_EQ(server_->connections(), 0u);
}

TEST_F(HttpServerTest, EndsASilentConnectionAfterTheHeaderTimeout) {
  auto socket = connect();
  clock_.advance(9s);
  EXPECT_EQ(server_->connections(), 1u);
  clock_.advance(2s);
  EXPECT_EQ(server_->connections(), 0u);
}

TEST_F(HttpServerTest, AnswersASlowHeaderWith408) {
  auto socket = connect();
  // A byte a second keeps no connection open for longer than a header may take.
  for (char c : std::string("GET /now HTTP/")) {
    send(socket, {&c, 1});
    clock_.advance(1s);
  }
  bool ended = false;
  EXPECT_EQ(status_of(receive(socket, &ended)), 408);
  clock_.advance(3s);
  EXPECT_EQ(server_->connections(), 0u);
}

// The read has its byte, but its reader has not heard of it yet: cancelling the read does nothing,
// and the next one would have no deadline.
TEST_F(HttpServerTest, AHeaderThatIsLateAtTheMomentAByteArrivesIsAnswered408) {
  auto socket = connect();
  application_.on_finished = [&] {
    application_.on_finished = nullptr;
    boost::system::error_code ignored;
    asio::write(socket, asio::buffer(std::string_view("E")), ignored);
    clock_.advance_in_turn(11s);
  };
  send(socket, "GET /now HTTP/1.1\r\nHost: x\r\n\r\nG");
  clock_.advance(20s);
  EXPECT_EQ(application_.statuses, (std::vector{200, 408}));
  EXPECT_EQ(server_->connections(), 0u);
}

TEST_F(HttpServerTest, EndsAHalfOpenClientThatNeverSendsItsBody) {
  auto socket = connect();
  send(socket, kPost + "Content-Length: 100\r\n\r\nabc");
  // It is gone without a word (a cable was pulled): nothing arrives any more, not even an end.
  clock_.advance(31s);
  EXPECT_EQ(application_.statuses, std::vector{408});
  clock_.advance(3s);
  EXPECT_EQ(server_->connections(), 0u);
}

TEST_F(HttpServerTest, AnswersASlowBodyWith408) {
  auto socket = connect();
  send(socket, kPost + "Content-Length: 100\r\n\r\nabc");
  clock_.advance(31s);
  EXPECT_EQ(status_of(receive(socket)), 408);
}

TEST_F(HttpServerTest, EndsAnIdleConnectionSilently) {
  auto socket = connect();
  send(socket, "GET /now HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(status_of(receive(socket)), 200);
  clock_.advance(76s);
  bool ended = false;
  EXPECT_EQ(receive(socket, &ended), "");
  EXPECT_TRUE(ended);
}

TEST_F(HttpServerTest, CutsAClientThatTakesNothing) {
  auto socket = connect();
  socket.set_option(asio::socket_base::receive_buffer_size(4096));
  const std::string request =
      "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n" + std::string(1000, 'x');
  // Until the kernel's buffers between the two are full.
  boost::system::error_code full;
  for (int i = 0; i < 100'000 && !full; ++i) {
    socket.write_some(asio::buffer(request), full);
    if (i % 16 == 0) settle();
  }
  settle();
  clock_.advance(31s);
  EXPECT_EQ(server_->connections(), 0u);
}

TEST_F(HttpServerTest, InvitesABodyThatIsExpected) {
  auto socket = connect();
  send(socket, kPost + "Expect: 100-continue\r\nContent-Length: 2\r\n\r\n");
  EXPECT_EQ(receive(socket), "HTTP/1.1 100 Continue\r\n\r\n");
  send(socket, "hi");
  EXPECT_EQ(body_of(receive(socket)), "[hi]");
}

TEST_F(HttpServerTest, RefusesAnExpectedBodyWithoutInvitingIt) {
  auto socket = connect();
  send(socket, kPost + "Expect: 100-continue\r\nContent-Length: 5000\r\n\r\n");
  EXPECT_EQ(status_of(receive(socket)), 413);
}

TEST_F(HttpServerTest, AnswersHeadWithoutABody) {
  auto socket = connect();
  send(socket, "HEAD /now HTTP/1.1\r\nHost: x\r\n\r\nGET /now HTTP/1.1\r\nHost: x\r\n\r\n");
  const std::string answers = receive(socket);
  EXPECT_NE(answers.find("Content-Length: 3\r\n"), std::string::npos);
  EXPECT_TRUE(body_of(answers).starts_with("HTTP/1.1 200"));
}

TEST_F(HttpServerTest, KeepsAnHttp10ConnectionOnlyWhenAsked) {
  auto socket = connect();
  send(socket, "GET /now HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  bool ended = true;
  EXPECT_NE(receive(socket, &ended).find("Connection: keep-alive"), std::string::npos);
  EXPECT_FALSE(ended);
  send(socket, "GET /now HTTP/1.0\r\n\r\n");
  EXPECT_EQ(body_of(receive(socket, &ended)), "now");
  EXPECT_TRUE(ended);
}

TEST_F(HttpServerTest, StreamsABodyLargerThanItsBuffers) {
  auto socket = connect();
  std::string body(900, 'z');
  send(socket,
       "POST /stream HTTP/1.1\r\nHost: x\r\nContent-Length: 900\r\n\r\n" + body.substr(0, 10));
  send(socket, body.substr(10));
  EXPECT_EQ(body_of(receive(socket)), body);
}

TEST_F(HttpServerTest, RefusesConnectionsOverTheLimit) {
  std::vector<tcp::socket> sockets;
  for (int i = 0; i < 8; ++i) sockets.push_back(connect());
  auto one_more = connect();
  bool ended = false;
  EXPECT_EQ(status_of(receive(one_more, &ended)), 503);
  EXPECT_TRUE(ended);
  sockets.pop_back();
  settle();
  auto again = connect();
  send(again, "GET /now HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(status_of(receive(again)), 200);
}

TEST_F(HttpServerTest, DrainFinishesWhatRunsAndEndsWhatIdles) {
  auto idle = connect(), busy = connect();
  send(busy, "GET /blocked HTTP/1.1\r\nHost: x\r\n\r\n");
  server_->begin_drain();
  bool stopped = false;
  asio::co_spawn(io_, server_->stop(10s), [&](std::exception_ptr) { stopped = true; });
  clock_.advance(500ms);
  bool ended = false;
  receive(idle, &ended);
  EXPECT_TRUE(ended);
  EXPECT_FALSE(stopped);
  application_.blocked = false;
  application_.gate->cancel();
  settle();
  const std::string answer = receive(busy, &ended);
  EXPECT_EQ(status_of(answer), 200);
  EXPECT_NE(answer.find("Connection: close"), std::string::npos);
  EXPECT_FALSE(stopped);
  busy.close();
  settle();
  EXPECT_TRUE(stopped) << "no time has to pass once the last connection has ended";
  if (!stopped) clock_.advance(10s);
  server_.reset();
}

TEST_F(HttpServerTest, DrainCutsWhatDoesNotEnd) {
  auto busy = connect();
  send(busy, "GET /blocked HTTP/1.1\r\nHost: x\r\n\r\n");
  bool stopped = false;
  asio::co_spawn(io_, server_->stop(2s), [&](std::exception_ptr) { stopped = true; });
  clock_.advance(3s);
  EXPECT_TRUE(stopped);
  server_.reset();
}

TEST_F(HttpServerTest, SaysThatAnAddressIsTaken) {
  HttpServer second({io_.get_executor(), clock_, log_, gauge_}, application_);
  const auto listening = second.listen({"", "127.0.0.1", server_->port()});
  ASSERT_FALSE(listening);
  EXPECT_EQ(listening.error().kind, ErrorKind::conflict);
}

TEST_F(HttpServerTest, ReplacesADeadSocketFileButNotALivingOne) {
  const auto folder = std::filesystem::temp_directory_path() / ("api" + std::to_string(::getpid()));
  std::filesystem::create_directories(folder);
  const std::string path = (folder / "s").string();
  {
    asio::basic_socket_acceptor<asio::local::stream_protocol> dead(
        io_, asio::local::stream_protocol::endpoint(path));
  }
  stop(0s);
  server_ = std::make_unique<HttpServer>(ServerServices{io_.get_executor(), clock_, log_, gauge_},
                                         application_, limits_);
  ASSERT_TRUE(server_->listen({path, "", 0}));
  HttpServer second({io_.get_executor(), clock_, log_, gauge_}, application_);
  EXPECT_EQ(second.listen({path, "", 0}).error().kind, ErrorKind::conflict);
  stop(0s);
  EXPECT_FALSE(std::filesystem::exists(path));
  std::filesystem::remove_all(folder);
}

TEST(ListenAddressTest, ReadsWhatPeopleWrite) {
  EXPECT_EQ(to_text(*parse_listen_address("127.0.0.1:8000")), "127.0.0.1:8000");
  EXPECT_EQ(to_text(*parse_listen_address("localhost:80")), "127.0.0.1:80");
  EXPECT_EQ(to_text(*parse_listen_address("*:80")), "0.0.0.0:80");
  EXPECT_EQ(to_text(*parse_listen_address("[::1]:80")), "[::1]:80");
  EXPECT_EQ(to_text(*parse_listen_address("unix:/run/x")), "unix:/run/x");
  for (const char* wrong : {"", "80", "host:80", "1.2.3.4:", "1.2.3.4:70000", "unix:", "unix:x"})
    EXPECT_FALSE(parse_listen_address(wrong)) << wrong;
  EXPECT_FALSE(parse_listen_address("unix:/" + std::string(107, 'x')));
}

}  // namespace
}  // namespace auterity::api
