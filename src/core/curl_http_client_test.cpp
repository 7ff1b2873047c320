#include "core/curl_http_client.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include "core/address_policy.h"
#include "core/task_group.h"

namespace auterity {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

// Answers each connection with the next scripted text, byte for byte, then closes it; an empty text
// never answers.
class ScriptedServer {
 public:
  ScriptedServer(asio::io_context& context, std::vector<std::string> answers)
      : acceptor_(context, tcp::endpoint(asio::ip::address_v4::loopback(), 0)),
        answers_(std::move(answers)) {}

  Async<void> serve() {
    for (const std::string& answer : answers_) {
      tcp::socket socket = co_await acceptor_.async_accept(asio::use_awaitable);
      std::string request;
      co_await asio::async_read_until(socket, asio::dynamic_buffer(request), "\r\n\r\n",
                                      asio::use_awaitable);
      requests.push_back(request);
      if (answer.empty()) {
        kept_.push_back(std::move(socket));
        continue;
      }
      co_await asio::async_write(socket, asio::buffer(answer), asio::use_awaitable);
    }
  }
  std::string url(std::string_view path) const {
    return "http://127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port()) +
           std::string(path);
  }
  std::vector<std::string> requests;

 private:
  tcp::acceptor acceptor_;
  std::vector<std::string> answers_;
  std::vector<tcp::socket> kept_;
};

class CurlHttpClientTest : public ::testing::Test {
 protected:
  // Sends one request while `answers` are served.
  Result<HttpResponse> exchange(std::vector<std::string> answers,
                                std::function<HttpRequest(ScriptedServer&)> make) {
    asio::io_context context;
    ScriptedServer server(context, std::move(answers));
    TaskGroup group(context.get_executor(), "server", [](auto, auto) {});
    group.spawn("serve", server.serve());
    const auto client = make_curl_http_client(context.get_executor());
    std::optional<Result<HttpResponse>> result;
    asio::co_spawn(context, client->send(make(server)),
                   [&](std::exception_ptr error, Result<HttpResponse> response) {
                     EXPECT_FALSE(error);
                     result = std::move(response);
                     group.stop();
                   });
    context.run();
    requests_ = server.requests;
    return std::move(*result);
  }
  std::vector<std::string> requests_;
};

TEST_F(CurlHttpClientTest, SendsMethodHeadersAndBodyAndReadsTheAnswer) {
  const auto response =
      exchange({"HTTP/1.1 201 Created\r\nContent-Length: 2\r\nX-Answer:  yes \r\n\r\nok"},
               [](ScriptedServer& server) {
                 return HttpRequest{.method = "POST",
                                    .url = server.url("/a?b=c"),
                                    .headers = {{"X-Ask", "1"}},
                                    .body = "hello"};
               });
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->status, 201);
  EXPECT_EQ(response->body, "ok");
  EXPECT_EQ(*find_header(response->headers, "x-answer"), "yes");
  EXPECT_TRUE(requests_[0].starts_with("POST /a?b=c HTTP/1.1\r\n")) << requests_[0];
  EXPECT_NE(requests_[0].find("X-Ask: 1\r\n"), std::string::npos);
  EXPECT_NE(requests_[0].find("Content-Length: 5\r\n"), std::string::npos);
}

TEST_F(CurlHttpClientTest, RedirectsAreFollowedOnlyWhenAsked) {
  const std::string redirect =
      "HTTP/1.1 302 Found\r\nLocation: /next\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
  const std::string answer = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
  const auto stay = exchange(
      {redirect}, [](ScriptedServer& server) { return HttpRequest{.url = server.url("/")}; });
  EXPECT_EQ(stay->status, 302);
  const auto follow = exchange({redirect, answer}, [](ScriptedServer& server) {
    return HttpRequest{.url = server.url("/"), .max_redirects = 3};
  });
  EXPECT_EQ(follow->status, 200);
  EXPECT_TRUE(follow->url.ends_with("/next"));
}

TEST_F(CurlHttpClientTest, RefusesLinkLocalAddressesOnEveryHop) {
  const auto direct = exchange(
      {}, [](ScriptedServer&) { return HttpRequest{.url = "http://169.254.169.254/latest"}; });
  EXPECT_EQ(direct.error().kind, ErrorKind::forbidden);
  const auto hop = exchange(
      {"HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/\r\nContent-Length: 0\r\n\r\n"},
      [](ScriptedServer& server) {
        return HttpRequest{.url = server.url("/"), .max_redirects = 3};
      });
  EXPECT_EQ(hop.error().kind, ErrorKind::forbidden);
}

TEST_F(CurlHttpClientTest, RefusesOtherSchemesOnEveryHop) {
  for (const char* url :
       {"file:///etc/passwd", "ftp://127.0.0.1/", "gopher://127.0.0.1/", "nothing", "http://a b/"})
    EXPECT_EQ(exchange({}, [&](ScriptedServer&) { return HttpRequest{.url = url}; }).error().kind,
              ErrorKind::invalid_input)
        << url;
  const auto hop =
      exchange({"HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\nContent-Length: 0\r\n\r\n"},
               [](ScriptedServer& server) {
                 return HttpRequest{.url = server.url("/"), .max_redirects = 3};
               });
  ASSERT_FALSE(hop);
  EXPECT_EQ(hop.error().kind, ErrorKind::invalid_input);
}

TEST_F(CurlHttpClientTest, RefusesHeaderInjection) {
  const auto response = exchange({}, [](ScriptedServer& server) {
    return HttpRequest{.url = server.url("/"), .headers = {{"X-A", "1\r\nX-B: 2"}}};
  });
  EXPECT_EQ(response.error().kind, ErrorKind::invalid_input);
}

TEST_F(CurlHttpClientTest, BoundsTimeAndSize) {
  const auto late = exchange({""}, [](ScriptedServer& server) {
    return HttpRequest{.url = server.url("/"), .timeout = std::chrono::milliseconds(30)};
  });
  EXPECT_EQ(late.error().kind, ErrorKind::timeout);
  const auto large =
      exchange({"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n12345"}, [](ScriptedServer& server) {
        return HttpRequest{.url = server.url("/"), .max_response_bytes = 4};
      });
  EXPECT_EQ(large.error().kind, ErrorKind::too_large);
}

TEST_F(CurlHttpClientTest, NobodyListeningIsUnavailable) {
  std::string url;
  {
    asio::io_context context;
    url = ScriptedServer(context, {}).url("/");
  }
  EXPECT_EQ(exchange({}, [&](ScriptedServer&) { return HttpRequest{.url = url}; }).error().kind,
            ErrorKind::unavailable);
}

TEST_F(CurlHttpClientTest, ACancelledCallerAbandonsTheExchange) {
  asio::io_context context;
  ScriptedServer server(context, {""});
  TaskGroup group(context.get_executor(), "test", [](auto, auto) { FAIL(); });
  const auto client = make_curl_http_client(context.get_executor());
  bool cancelled = false;
  group.spawn("serve", server.serve());
  group.spawn("call", [](HttpClient& http, std::string url, bool& flag) -> Async<void> {
    try {
      (void)co_await http.send({.url = std::move(url)});
    } catch (const boost::system::system_error&) {
      flag = true;
    }
  }(*client, server.url("/"), cancelled));
  while (server.requests.empty()) context.run_one();
  group.stop();
  context.run();
  EXPECT_TRUE(cancelled);
}

TEST(AddressPolicy, KnowsLinkLocalAddresses) {
  const auto v4 = [](const char* text) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    ::inet_pton(AF_INET, text, &address.sin_addr);
    return is_link_local(reinterpret_cast<const sockaddr&>(address));
  };
  const auto v6 = [](const char* text) {
    sockaddr_in6 address{};
    address.sin6_family = AF_INET6;
    ::inet_pton(AF_INET6, text, &address.sin6_addr);
    return is_link_local(reinterpret_cast<const sockaddr&>(address));
  };
  EXPECT_TRUE(v4("169.254.169.254"));
  EXPECT_FALSE(v4("10.0.0.1"));
  EXPECT_FALSE(v4("127.0.0.1"));
  EXPECT_TRUE(v6("fe80::1"));
  EXPECT_TRUE(v6("::ffff:169.254.169.254"));
  EXPECT_TRUE(v6("fd00:ec2::254"));
  EXPECT_FALSE(v6("::1"));
}

}  // namespace
}  // namespace auterity
