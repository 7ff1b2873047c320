#include "core/endpoint_overrides.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

#include "core/system_clock.h"

namespace auterity {
namespace {

std::vector<EndpointOverride> overrides(std::initializer_list<std::string_view> texts) {
  std::vector<EndpointOverride> list;
  for (const auto text : texts) list.push_back(parse_endpoint_override(text).value());
  return list;
}

TEST(EndpointOverride, ReplacesPrefixesAtTheirEndsOnly) {
  const auto list = overrides(
      {"https://a.example=http://127.0.0.1:1", "https://a.example/v2=http://127.0.0.1:2/x/"});
  EXPECT_EQ(apply_overrides(list, "https://a.example/v1/pet?b=1"), "http://127.0.0.1:1/v1/pet?b=1");
  EXPECT_EQ(apply_overrides(list, "HTTPS://A.Example/v2/pet"), "http://127.0.0.1:2/x/pet");
  EXPECT_EQ(apply_overrides(list, "https://a.example?b=1"), "http://127.0.0.1:1?b=1");
  for (const char* other : {"https://a.example/v20", "https://a.example.org/v1",
                            "https://a.example:8443/", "http://a.example/"})
    EXPECT_NE(apply_overrides(list, other).find("127.0.0.1:2"), 0u) << other;
  EXPECT_EQ(apply_overrides(list, "https://a.example.org/v1"), "https://a.example.org/v1");
  EXPECT_EQ(apply_overrides(list, "https://a.example:8443/"), "https://a.example:8443/");
}

TEST(EndpointOverride, RefusesWhatIsNoPairOfAddresses) {
  for (const char* text : {"", "=", "https://a.example", "a=b", "https://a.example=ftp://b",
                           "=http://b", "https://a.example?x=1=http://b"})
    EXPECT_FALSE(parse_endpoint_override(text)) << text;
}

// Answers every request from a list of addresses and notes what it was asked for.
class ScriptedClient final : public HttpClient {
 public:
  Async<Result<HttpResponse>> send(HttpRequest request) override {
    asked.push_back(request.url);
    HttpResponse response{.status = 200, .headers = {}, .body = "", .url = request.url};
    if (!locations.empty()) {
      response.status = 302;
      response.headers.emplace_back("Location", locations.front());
      locations.erase(locations.begin());
    }
    co_return response;
  }

  std::vector<std::string> locations;
  std::vector<std::string> asked;
};

TEST(OverridingHttpClient, RewritesEveryHopAndShowsTheAddressThatWasMeant) {
  SystemClock clock;
  ScriptedClient inner;
  inner.locations = {"/second", "https://b.example/third"};
  const auto client = make_overriding_http_client(
      inner, clock,
      overrides({"https://a.example=http://127.0.0.1:1", "https://b.example=http://127.0.0.1:2"}));
  boost::asio::io_context io;
  auto answer = boost::asio::co_spawn(
      io, client->send({.url = "https://a.example/first", .max_redirects = 5}),
      boost::asio::use_future);
  io.run();
  EXPECT_EQ(answer.get()->url, "https://b.example/third");
  EXPECT_EQ(inner.asked,
            (std::vector<std::string>{"http://127.0.0.1:1/first", "http://127.0.0.1:1/second",
                                      "http://127.0.0.1:2/third"}));
}

}  // namespace
}  // namespace auterity
