// A real HAProxy with the configuration that the platform gives it.
#include "targets/local/haproxy_errors.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <csignal>
#include <fstream>

#include "core/json.h"
#include "harness/loopback_port.h"
#include "harness/server_process.h"
#include "harness/stand_in_server.h"
#include "targets/local/service_definition.h"

namespace auterity::local {
namespace {

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at))
    text.replace(at, from.size(), to);
}

harness::StandInAnswer answer(const harness::StandInRequest& request) {
  harness::StandInAnswer answer;
  if (request.path == "/api/garbage") answer.headers.emplace_back("no header name", "x");
  if (request.path == "/api/slow") answer.delay = std::chrono::milliseconds(1500);
  return answer;
}

class HaproxyErrors : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto program = harness::ServerProcess::find_program("haproxy", {"/usr/sbin"});
    if (!program) GTEST_SKIP() << "haproxy is not installed";
    program_ = *program;
  }

  // `ready`: whether the API's servers are there; the web interface's never is.
  void start(bool ready) {
    Platform platform;
    platform.layout = {server_.folder(), "development", server_.folder(), server_.folder()};
    platform.address = "127.0.0.1";
    platform.public_port = harness::find_free_loopback_port();
    port_ = static_cast<unsigned short>(platform.public_port);
    const ServiceDefinition service = define_haproxy(platform);
    const auto file = std::ranges::find(service.files, "data/haproxy.cfg", &ServiceFile::name);
    ASSERT_NE(file, service.files.end());
    std::string settings = file->content;
    if (ready)
      for (const std::string& name : platform.pool().api_names())
        replace_all(settings, "unix@" + platform.layout.socket(name).string(),
                    fmt::format("127.0.0.1:{}", api_.port()));
    // So that a test need not wait for as long as people may.
    replace_all(settings, "timeout http-request 15s", "timeout http-request 300ms");
    replace_all(settings, "timeout server 150s", "timeout server 300ms");
    const auto path = server_.folder() / "haproxy.cfg";
    std::ofstream(path) << settings;
    server_.hand_to_server(path);
    server_.start(
        {.arguments = {program_, "-Ws", "-f", path.string()}, .environment = {}, .input = {}});
  }

  void TearDown() override {
    if (server_.running()) server_.stop(SIGTERM);
  }

  struct Answer {
    std::string head;
    Json body;
    std::string text;
  };
  // Whole answer to a text; the connection is closed by whoever answers.
  Answer send(std::string_view text) {
    boost::asio::io_context io;
    boost::asio::ip::tcp::socket socket(io);
    socket.connect({boost::asio::ip::make_address("127.0.0.1"), port_});
    boost::system::error_code ended;
    boost::asio::write(socket, boost::asio::buffer(text), ended);
    std::string received;
    boost::asio::read(socket, boost::asio::dynamic_buffer(received), ended);
    const std::size_t end = received.find("\r\n\r\n");
    if (end == std::string::npos) return {received, Json(), ""};
    Answer answer{received.substr(0, end + 2), Json(), received.substr(end + 4)};
    if (auto parsed = parse_json(answer.text)) answer.body = std::move(*parsed);
    return answer;
  }
  static std::string get(std::string_view path) {
    return fmt::format("GET {} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", path);
  }
  static void expect_problem(const Answer& answer, int status, std::string_view name) {
    EXPECT_TRUE(answer.head.starts_with(fmt::format("HTTP/1.1 {} ", status))) << answer.head;
    EXPECT_NE(answer.head.find("content-type: application/problem+json\r\n"), std::string::npos)
        << answer.head;
    const Json* stated = find_member(answer.body, "status");
    ASSERT_NE(stated, nullptr) << answer.text;
    EXPECT_EQ(to_text(*stated), std::to_string(status));
    EXPECT_EQ(string_or(find_member(answer.body, "type"), ""),
              fmt::format("urn:auterity:problem:{}", name));
    for (const char* member : {"title", "detail", "hint"})
      EXPECT_FALSE(string_or(find_member(answer.body, member), "").empty()) << member;
  }

  std::string program_;
  harness::ServerProcess server_{"haproxy"};
  harness::StandInServer api_{answer};
  unsigned short port_ = 0;
};

TEST_F(HaproxyErrors, WhatIsNoHttpIsRefusedAndTheServerOutlivesIt) {
  ASSERT_NO_FATAL_FAILURE(start(false));
  for (const std::string& text : {std::string("\x01\x02\x03\r\n\r\n"),
                                  "GET / HTTP/1.1\r\nA: " + std::string(90'000, 'a') + "\r\n\r\n"})
    EXPECT_TRUE(send(text).head.starts_with("HTTP/1.1 400 "));
  EXPECT_TRUE(send("GET /api/health HTTP/1.1\r\nHost").head.starts_with("HTTP/1.1 408 "));
  expect_problem(send(get("/api/health")), 503, "unavailable");
}

TEST_F(HaproxyErrors, AHeaderOverTheLimitOfTheApiReachesIt) {
  ASSERT_NO_FATAL_FAILURE(start(true));
  const std::string header = "A: " + std::string(20'000, 'a');
  const Answer reached =
      send("GET /api/health HTTP/1.1\r\nHost: x\r\n" + header + "\r\nConnection: close\r\n\r\n");
  // The stand-in takes no header of that size either and breaks off: it was asked.
  expect_problem(reached, 502, "bad_gateway");
}

TEST_F(HaproxyErrors, WithoutServersTheApiIsAProblemAndTheWebAPage) {
  ASSERT_NO_FATAL_FAILURE(start(false));
  for (const char* path : {"/api/workflows", "/metrics"}) {
    const Answer answer = send(get(path));
    expect_problem(answer, 503, "unavailable");
    EXPECT_EQ(string_or(find_member(answer.body, "instance"), ""), path);
    EXPECT_FALSE(string_or(find_member(answer.body, "request_id"), "").empty());
    EXPECT_NE(answer.head.find("retry-after: 1\r\n"), std::string::npos) << answer.head;
    EXPECT_NE(answer.head.find("x-request-id: "), std::string::npos) << answer.head;
  }
  // What a caller sends comes back as text, never as markup of the document.
  const Answer quoted = send(get("/api/%22,%22a%22:\"x"));
  EXPECT_TRUE(quoted.body.is_object()) << quoted.text;
  const Answer page = send(get("/"));
  EXPECT_TRUE(page.head.starts_with("HTTP/1.1 503 ")) << page.head;
  EXPECT_NE(page.head.find("content-type: text/html; charset=utf-8\r\n"), std::string::npos);
  EXPECT_NE(page.text.find("<h1>Service unavailable</h1>"), std::string::npos);
}

TEST_F(HaproxyErrors, AServerThatBreaksOffOrStaysSilentIsAProblem) {
  ASSERT_NO_FATAL_FAILURE(start(true));
  expect_problem(send(get("/api/garbage")), 502, "bad_gateway");
  expect_problem(send(get("/api/slow")), 504, "timeout");
}

}  // namespace
}  // namespace auterity::local
