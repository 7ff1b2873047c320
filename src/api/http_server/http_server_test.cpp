#include "harness/http_server_fixture.h"

namespace auterity::api {
namespace {

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
