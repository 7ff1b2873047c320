// Clients that mean harm or are broken: requests cut, spliced and garbled at random. Whatever they
// send, the process answers in HTTP or closes, blames the client, keeps no connection, and its
// memory does not grow with their number.
#include "api/api_application.h"

#include <unistd.h>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <fstream>
#include <random>
#include <set>

#include "harness/api_fixture.h"

namespace auterity::api {
namespace {

using boost::asio::ip::tcp;

class HostileRequests {
 public:
  HostileRequests(std::uint64_t seed, const std::string& token) : random_(seed) {
    const std::string host = " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + token + "\r\n";
    const std::string yaml =
        "document: {dsl: '1.0.3', namespace: t, name: n, version: '1.0.0'}\n"
        "do: [{a: {set: {b: '${ .c + 1 }'}}}]\n";
    bases_ = {
        "GET /api/health" + host + "\r\n",
        "HEAD /api/openapi.json" + host + "\r\n",
        "OPTIONS /api/workflows" + host + "\r\n",
        "GET /api/executions?limit=3&status=running" + host + "If-None-Match: \"x\"\r\n\r\n",
        "GET /api/files/00000000-0000-7000-8000-000000000000" + host + "Range: bytes=0-1\r\n\r\n",
        "GET /api/executions/00000000-0000-7000-8000-000000000000/events" + host +
            "Accept: text/event-stream\r\nLast-Event-ID: 4\r\n\r\n",
        with_length("POST /api/auth/refresh" + host, R"({"refresh_token":"abc"})"),
        with_length("POST /api/workflows" + host + "Content-Type: application/yaml\r\n", yaml),
        with_length("POST /api/files?name=a%20b.txt" + host, "some bytes"),
        "POST /api/workflows" + host +
            "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
            "5\r\n{\"a\":\r\n3;x=y\r\n[1]\r\n1\r\n}\r\n0\r\nTrailer: t\r\n\r\n",
    };
  }

  std::string next() {
    std::string text = pick(bases_);
    for (std::size_t mutations = below(5); mutations-- > 0;) mutate(text);
    return text;
  }

 private:
  static std::string with_length(const std::string& head, const std::string& body) {
    return head + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  }
  std::size_t below(std::size_t limit) { return limit == 0 ? 0 : random_() % limit; }
  const std::string& pick(const std::vector<std::string>& from) { return from[below(from.size())]; }

  void mutate(std::string& text) {
    static const std::vector<std::string> kWords{"\r\n",
                                                 "\r\n\r\n",
                                                 "\n",
                                                 "\r",
                                                 " ",
                                                 ": ",
                                                 "0\r\n\r\n",
                                                 "ffffffffffffffff\r\n",
                                                 "Transfer-Encoding: chunked\r\n",
                                                 "Transfer-Encoding: gzip\r\n",
                                                 "Content-Length: 99999999999999999999\r\n",
                                                 "Content-Length: 7\r\n",
                                                 "Expect: 100-continue\r\n",
                                                 "Connection: close\r\n",
                                                 "Host: y\r\n",
                                                 "%00",
                                                 "%zz",
                                                 "../..",
                                                 "?",
                                                 "&limit=1",
                                                 "HTTP/1.0",
                                                 "\xff\xfe",
                                                 std::string(1, '\0'),
                                                 std::string(500, '['),
                                                 std::string(20'000, 'a')};
    const std::size_t at = below(text.size() + 1);
    const std::size_t length = below(std::min<std::size_t>(text.size() - at, 40) + 1);
    switch (below(6)) {
      case 0:
        if (at < text.size()) text[at] = static_cast<char>(random_());
        break;
      case 1:
        text.erase(at, length);
        break;
      case 2:
        text.insert(below(text.size() + 1), text.substr(at, length));
        break;
      case 3:
        text.insert(at, pick(kWords));
        break;
      case 4:
        text.resize(at);
        break;
      default:
        text += pick(bases_);
    }
  }

  std::mt19937_64 random_;
  std::vector<std::string> bases_;
};

class HostileClients : public ApiFixture {
 protected:
  // Sends it, says that nothing follows, and takes what comes until the server closes.
  std::string exchange(const std::string& text) {
    tcp::socket socket(loop_.context());
    socket.connect({boost::asio::ip::make_address("127.0.0.1"), process_->port()});
    std::string answer;
    loop_.run(converse(socket, text, answer));
    return answer;
  }

  static Async<void> converse(tcp::socket& socket, const std::string& text, std::string& answer) {
    boost::system::error_code ended;
    co_await boost::asio::async_write(
        socket, boost::asio::buffer(text),
        boost::asio::redirect_error(boost::asio::use_awaitable, ended));
    socket.shutdown(tcp::socket::shutdown_send, ended);
    co_await boost::asio::async_read(
        socket, boost::asio::dynamic_buffer(answer),
        boost::asio::redirect_error(boost::asio::use_awaitable, ended));
  }

  static std::size_t resident_bytes() {
    std::ifstream file("/proc/self/statm");
    std::size_t size = 0, resident = 0;
    file >> size >> resident;
    return resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  }

  void send_many(std::uint64_t first_seed, int count) {
    for (int i = 0; i < count; ++i) {
      const std::uint64_t seed = first_seed + static_cast<std::uint64_t>(i);
      const std::string text = HostileRequests(seed, token_).next();
      const std::string answer = exchange(text);
      if (answer.empty()) continue;
      ASSERT_TRUE(answer.starts_with("HTTP/1.1 ")) << "seed " << seed << ": " << answer;
      const int status = std::atoi(answer.substr(9, 3).c_str());
      ASSERT_TRUE(status >= 100 && status < 500) << "seed " << seed << ": " << answer;
      statuses_.insert(status);
    }
  }

  std::set<int> statuses_;
};

TEST_F(HostileClients, AreAnsweredOrLeftAndCostNoMemory) {
  log_in("editor@example.org");
  ASSERT_NO_FATAL_FAILURE(send_many(1, 1500));
  const std::size_t before = resident_bytes();
  ASSERT_NO_FATAL_FAILURE(send_many(10'001, 1500));
  for (const int status : {200, 204, 400, 401, 404, 405, 415, 431})
    EXPECT_TRUE(statuses_.contains(status)) << status << ": the requests reach less than they did";
  // A kilobyte kept for each would be 1.5 MB, a buffer kept for each 48 MB.
  EXPECT_LT(resident_bytes(), before + (16u << 20));
  EXPECT_EQ(get("/api/health").status, 200);
  const std::string metrics = get("/metrics").text;
  const std::size_t line = metrics.find("\nactive_connections ");
  ASSERT_NE(line, std::string::npos);
  // Ours, kept alive by the client; every other has ended.
  EXPECT_LE(std::atoi(metrics.c_str() + line + 20), 2) << metrics.substr(line, 40);
}

}  // namespace
}  // namespace auterity::api
