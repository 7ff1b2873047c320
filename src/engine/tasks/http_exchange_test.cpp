#include "engine/tasks/http_exchange.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/tasks/http_content.h"

namespace auterity::engine {
namespace {

using testing::HasSubstr;
using testing::Not;

Json json(std::string_view text) { return parse_json(text).value(); }

CallHttpTask call(std::string method = "GET") {
  CallHttpTask task;
  task.method = std::move(method);
  return task;
}

EffectRequest effect(Json arguments, Json input = JsonObject()) {
  EffectRequest request;
  request.idempotency_key = "e:1:1";
  request.arguments = std::move(arguments);
  request.input = make_value(std::move(input));
  return request;
}

// The header's value, or "(none)".
std::string header(const HttpRequest& request, std::string_view name) {
  const std::string* value = find_header(request.headers, name);
  return value ? *value : "(none)";
}

HttpResponse answer(int status, std::string body, std::string type = "application/json") {
  HttpResponse response{
      .status = status, .headers = {}, .body = std::move(body), .url = "http://a.test/"};
  if (!type.empty()) response.headers.emplace_back("Content-Type", std::move(type));
  return response;
}

const HttpRequest kRequest{
    .method = "GET", .url = "http://a.test/pets?key=1", .headers = {}, .body = ""};

TEST(HttpRequestOf, ExpandsItsTemplateAndAddsTheQuery) {
  const auto request = make_http_request(
      call(),
      effect(
          json(
              R"({"uri":"http://a.test/{id}?x=1#part","query":{"y":"a b","n":2,"l":[1,true],"gone":null}})"),
          json(R"({"id":"a/b"})")));
  ASSERT_TRUE(request) << request.error().detail;
  EXPECT_EQ(request->url, "http://a.test/a%2Fb?x=1&y=a%20b&n=2&l=1&l=true");
}

TEST(HttpRequestOf, AnExpressionIsTakenAsItIs) {
  CallHttpTask task = call();
  task.endpoint_is_template = false;
  EXPECT_EQ(make_http_request(task, effect(json(R"({"uri":"http://a.test/%7Bid%7D"})")))->url,
            "http://a.test/%7Bid%7D");
}

TEST(HttpRequestOf, RefusesEndpointsThatCannotBeCalled) {
  CallHttpTask task = call();
  task.endpoint_is_template = false;
  for (const char* uri : {"", "pets/1", "//a.test/", "file:///etc/passwd", "ftp://a.test/",
                          "http://", "http://a b/", "http://a.test/\n"}) {
    const auto request = make_http_request(task, effect(JsonObject{{"uri", uri}}));
    ASSERT_FALSE(request) << uri;
    EXPECT_THAT(request.error().type, HasSubstr("/errors/configuration")) << uri;
    EXPECT_EQ(request.error().status, 400);
  }
}

TEST(HttpRequestOf, HeadersAreOneLineEachAndNullLeavesOut) {
  const auto request = make_http_request(
      call("POST"),
      effect(json(
          R"({"uri":"http://a.test/","headers":{"X-A":1,"Accept":null,"idempotency-key":"own"}})")));
  ASSERT_TRUE(request);
  EXPECT_EQ(header(*request, "X-A"), "1");
  EXPECT_EQ(header(*request, "Accept"), "(none)");
  EXPECT_EQ(header(*request, "Idempotency-Key"), "own");
  for (const char* headers :
       {R"({"X-A":"1\r\nX-B: 2"})", R"({"X A":"1"})", R"({"":"1"})", R"({"X-A":{}})", R"("text")"})
    EXPECT_FALSE(make_http_request(
        call(), effect(JsonObject{{"uri", "http://a.test/"}, {"headers", json(headers)}})))
        << headers;
}

TEST(HttpRequestOf, BodiesByKind) {
  const auto sent = [](std::string_view body, Json headers = {}) {
    return make_http_request(call("POST"), effect(JsonObject{{"uri", "http://a.test/"},
                                                             {"headers", std::move(headers)},
                                                             {"body", json(body)}}))
        .value();
  };
  EXPECT_EQ(sent(R"({"a":[1,null]})").body, R"({"a":[1,null]})");
  EXPECT_EQ(header(sent(R"({"a":1})"), "content-type"), "application/json");
  EXPECT_EQ(sent(R"("text")").body, "text");
  EXPECT_EQ(header(sent(R"("text")"), "content-type"), "text/plain; charset=utf-8");
  EXPECT_EQ(sent("null").body, "");
  EXPECT_EQ(header(sent("null"), "content-type"), "(none)");
  const HttpRequest form = sent(R"({"a":"x y","b":[1,2],"c":null})",
                                JsonObject{{"Content-Type", "application/x-www-form-urlencoded"}});
  EXPECT_EQ(form.body, "a=x%20y&b=1&b=2");
  EXPECT_EQ(header(sent(R"({"a":1})", JsonObject{{"content-type", "application/vnd.api+json"}}),
                   "content-type"),
            "application/vnd.api+json");
}

TEST(HttpRequestOf, AuthorizationIsTheOneThatWasResolved) {
  const auto request = make_http_request(
      call(), effect(json(R"({"uri":"http://a.test/","headers":{"authorization":"other"},
                             "authorization":{"scheme":"Bearer","parameter":"t"}})")));
  ASSERT_TRUE(request);
  EXPECT_EQ(header(*request, "Authorization"), "Bearer t");
  const auto injected = make_http_request(
      call(),
      effect(json(
          R"({"uri":"http://a.test/","authorization":{"scheme":"Bearer","parameter":"t\r\nX: 1"}})")));
  ASSERT_FALSE(injected);
  EXPECT_THAT(injected.error().type, HasSubstr("/errors/authentication"));
  const auto digest = make_http_request(
      call(), effect(json(R"({"uri":"http://a.test/","authentication":{"scheme":"digest"}})")));
  ASSERT_FALSE(digest);
  EXPECT_THAT(digest.error().detail, HasSubstr("digest"));
}

TEST(HttpRequestOf, OnlyCallsThatMayChangeSomethingCarryAKey) {
  const auto key = [](std::string method) {
    return header(
        *make_http_request(call(std::move(method)), effect(JsonObject{{"uri", "http://a.test/"}})),
        "idempotency-key");
  };
  EXPECT_EQ(key("POST"), "e:1:1");
  EXPECT_EQ(key("DELETE"), "e:1:1");
  EXPECT_EQ(key("GET"), "(none)");
  EXPECT_EQ(key("HEAD"), "(none)");
}

TEST(HttpRequestOf, FollowsOnlyWhenAsked) {
  CallHttpTask task = call();
  EXPECT_EQ(make_http_request(task, effect(JsonObject{{"uri", "http://a.test/"}}))->max_redirects,
            0);
  task.redirect = true;
  EXPECT_GT(make_http_request(task, effect(JsonObject{{"uri", "http://a.test/"}}))->max_redirects,
            0);
}

TEST(HttpAnswer, SuccessDependsOnRedirect) {
  CallHttpTask task = call();
  for (const int status : {199, 300, 302, 400, 500})
    EXPECT_FALSE(read_http_response(task, "get", kRequest, answer(status, "{}"))) << status;
  EXPECT_TRUE(read_http_response(task, "get", kRequest, answer(299, "{}")));
  task.redirect = true;
  EXPECT_TRUE(read_http_response(task, "get", kRequest, answer(304, "")));
  EXPECT_FALSE(read_http_response(task, "get", kRequest, answer(400, "")));
}

TEST(HttpAnswer, AnErrorSaysWhatWasAskedAndAnsweredButNoSecret) {
  const HttpRequest request{
      .method = "GET", .url = "http://ann:pw@a.test/pets?key=topsecret", .headers = {}, .body = ""};
  const auto outcome =
      read_http_response(call(), "get", request, answer(404, "no such\npet", "text/plain"));
  ASSERT_FALSE(outcome);
  EXPECT_THAT(outcome.error().type, HasSubstr("/errors/communication"));
  EXPECT_EQ(outcome.error().status, 404);
  EXPECT_EQ(outcome.error().detail, "GET http://a.test/pets answered 404 Not Found: no such pet");
}

TEST(HttpAnswer, ContentsByType) {
  const auto content = [](std::string body, std::string type) {
    return auterity::to_text(*read_http_response(call(), "get", kRequest,
                                                 answer(200, std::move(body), std::move(type))));
  };
  EXPECT_EQ(content(R"({"a":1})", "application/json; charset=utf-8"), R"({"a":1})");
  EXPECT_EQ(content("[1]", "Application/Vnd.Api+JSON"), "[1]");
  EXPECT_EQ(content("[1]", "text/plain"), R"("[1]")");
  EXPECT_EQ(content("[1]", ""), "[1]");
  EXPECT_EQ(content("plain", ""), R"("plain")");
  EXPECT_EQ(content("h\xE9", "text/plain; charset=\"ISO-8859-1\""), "\"h\u00e9\"");
  EXPECT_EQ(content("\xFF\x00", "image/png"), R"("/w==")");
  EXPECT_EQ(content("", "application/json"), "null");
  const auto broken =
      read_http_response(call(), "get", kRequest, answer(200, "{", "application/json"));
  ASSERT_FALSE(broken);
  EXPECT_EQ(broken.error().status, 502);
}

TEST(HttpAnswer, RawIsBase64) {
  CallHttpTask task = call();
  task.output = CallHttpTask::Output::raw;
  EXPECT_EQ(*read_http_response(task, "get", kRequest, answer(200, "{}")), Json("e30="));
  EXPECT_EQ(*read_http_response(task, "get", kRequest, answer(204, "")), Json());
}

TEST(HttpAnswer, TheResponseFormMasksCredentials) {
  CallHttpTask task = call();
  task.output = CallHttpTask::Output::response;
  const HttpRequest request{
      .method = "GET",
      .url = "http://ann:pw123@a.test/?api_key=topsecret&x=1",
      .headers = {{"Authorization", "Bearer topsecret"}, {"X-A", "1"}, {"X-A", "2"}},
      .body = ""};
  const auto outcome = read_http_response(task, "get", request, answer(201, "[]"));
  ASSERT_TRUE(outcome);
  const std::string text = auterity::to_text(*outcome);
  EXPECT_THAT(text, Not(HasSubstr("topsecret")));
  EXPECT_THAT(text, Not(HasSubstr("pw123")));
  EXPECT_EQ(*find_pointer(*outcome, "/request/headers/X-A"), Json("1, 2"));
  EXPECT_EQ(*find_pointer(*outcome, "/request/method"), Json("get"));
  EXPECT_EQ(*find_pointer(*outcome, "/statusCode"), Json(201));
  EXPECT_EQ(*find_pointer(*outcome, "/headers/Content-Type"), Json("application/json"));
}

TEST(HttpFailure, HasATypeAndStatusForEveryReason) {
  const auto status = [](ErrorKind kind) { return http_failure(kRequest, {kind, "x", ""}).status; };
  EXPECT_EQ(status(ErrorKind::unavailable), 503);
  EXPECT_EQ(status(ErrorKind::timeout), 408);
  EXPECT_EQ(status(ErrorKind::forbidden), 403);
  EXPECT_EQ(status(ErrorKind::too_large), 502);
  EXPECT_EQ(status(ErrorKind::invalid_input), 400);
}

TEST(Utf8, RefusesWhatTheStandardRefuses) {
  EXPECT_TRUE(is_utf8("aé€😀"));
  for (const char* text : {"\xC0\xAF", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xE2\x82", "\x80"})
    EXPECT_FALSE(is_utf8(text));
}

}  // namespace
}  // namespace auterity::engine
