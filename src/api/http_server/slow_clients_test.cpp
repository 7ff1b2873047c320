// Clients that are late, silent, half gone, or take nothing.
#include "harness/http_server_fixture.h"

namespace auterity::api {
namespace {

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

}  // namespace
}  // namespace auterity::api
