#include "core/redirects.h"

#include <gtest/gtest.h>

namespace auterity {
namespace {

HttpRequest request(std::string method = "GET") {
  return {
      .method = std::move(method),
      .url = "https://shop.example/a/b?c=1",
      .headers = {{"Authorization", "Bearer t"}, {"Content-Type", "text/plain"}, {"X-Own", "1"}},
      .body = "text",
      .max_redirects = 3};
}

HttpResponse redirection(int status, std::string location) {
  return {.status = status, .headers = {{"Location", std::move(location)}}, .body = "", .url = ""};
}

TEST(NextHop, ResolvesReferencesAgainstTheAddressThatAnswered) {
  const auto url = [](std::string location) {
    return (*next_hop(request(), redirection(302, std::move(location)), 0))->url;
  };
  EXPECT_EQ(url("/x"), "https://shop.example/x");
  EXPECT_EQ(url("x?y=2#z"), "https://shop.example/a/x?y=2");
  EXPECT_EQ(url("//other.example/x"), "https://other.example/x");
  EXPECT_EQ(url("http://other.example"), "http://other.example");
}

TEST(NextHop, TurnsPostIntoGetExactlyWhereTheStandardSaysSo) {
  const auto method = [](std::string before, int status) {
    return (*next_hop(request(std::move(before)), redirection(status, "/x"), 0))->method;
  };
  EXPECT_EQ(method("POST", 301), "GET");
  EXPECT_EQ(method("POST", 302), "GET");
  EXPECT_EQ(method("PUT", 302), "PUT");
  EXPECT_EQ(method("PUT", 303), "GET");
  EXPECT_EQ(method("HEAD", 303), "HEAD");
  EXPECT_EQ(method("POST", 307), "POST");
  EXPECT_EQ(method("DELETE", 308), "DELETE");
}

TEST(NextHop, ABodyGoesWithItsMethod) {
  const auto turned = *next_hop(request("POST"), redirection(303, "/x"), 0);
  EXPECT_EQ(turned->body, "");
  EXPECT_EQ(find_header(turned->headers, "content-type"), nullptr);
  EXPECT_NE(find_header(turned->headers, "x-own"), nullptr);
  EXPECT_EQ((*next_hop(request("POST"), redirection(307, "/x"), 0))->body, "text");
}

TEST(NextHop, CredentialsStayWithTheirOrigin) {
  const auto keeps = [](std::string location) {
    const auto next = *next_hop(request(), redirection(302, std::move(location)), 0);
    return find_header(next->headers, "authorization") != nullptr;
  };
  EXPECT_TRUE(keeps("/x"));
  EXPECT_TRUE(keeps("https://SHOP.example:443/x"));
  EXPECT_FALSE(keeps("http://shop.example/x"));
  EXPECT_FALSE(keeps("https://shop.example:8443/x"));
  EXPECT_FALSE(keeps("https://shop.example.evil.test/x"));
}

TEST(NextHop, LeavesAloneWhatIsNoRedirection) {
  EXPECT_FALSE(*next_hop(request(), redirection(200, "/x"), 0));
  EXPECT_FALSE(*next_hop(request(), redirection(304, "/x"), 0));
  EXPECT_FALSE(*next_hop(request(), {.status = 302, .headers = {}, .body = "", .url = ""}, 0));
  HttpRequest still = request();
  still.max_redirects = 0;
  EXPECT_FALSE(*next_hop(still, redirection(302, "/x"), 0));
}

TEST(NextHop, RefusesOtherSchemesAndEndlessChains) {
  EXPECT_EQ(next_hop(request(), redirection(302, "file:///etc/passwd"), 0).error().kind,
            ErrorKind::invalid_input);
  EXPECT_EQ(next_hop(request(), redirection(302, "http://[bad"), 0).error().kind,
            ErrorKind::invalid_input);
  EXPECT_EQ(next_hop(request(), redirection(302, "/x"), 3).error().kind, ErrorKind::unavailable);
}

}  // namespace
}  // namespace auterity
