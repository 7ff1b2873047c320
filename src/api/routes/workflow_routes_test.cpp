#include <boost/json/array.hpp>

#include "harness/api_fixture.h"

namespace auterity::api {
namespace {

constexpr const char* kGreet = "  - greet: {set: {greeting: '${ \"hello \" + .name }'}}\n";
constexpr const char* kWait = "  - nap: {wait: {hours: 1}}\n";

class WorkflowRoutesTest : public ApiFixture {
 protected:
  void SetUp() override {
    ApiFixture::SetUp();
    if (process_) log_in("editor@example.org");
  }
  std::string status_of(const std::string& id) {
    return get("/api/executions/" + id).field("status");
  }
};

TEST_F(WorkflowRoutesTest, PublishesOnceAndNeverChanges) {
  const std::string text =
      R"({"document":{"dsl":"1.0.3","namespace":"test","name":"a","version":"1.0.0"},"do":[{"x":{"set":{"a":1}}}]})";
  const Reply created = post("/api/workflows", text);
  ASSERT_EQ(created.status, 201) << created.text;
  EXPECT_EQ(created.header("location"), "/api/workflows/" + created.field("id"));
  const Reply again = post("/api/workflows", text);
  EXPECT_EQ(again.status, 200);
  EXPECT_EQ(again.field("id"), created.field("id"));
  std::string changed = text;
  changed.replace(changed.find("\"a\":1"), 5, "\"a\":2");
  EXPECT_EQ(post("/api/workflows", changed).status, 409);
  EXPECT_EQ(send("PUT", "/api/workflows/" + created.field("id"), changed).status, 409);
  EXPECT_EQ(send("PUT", "/api/workflows/" + created.field("id"), text).status, 200);
  changed.replace(changed.find("1.0.0"), 5, "1.1.0");
  const Reply next = send("PUT", "/api/workflows/" + created.field("id"), changed);
  EXPECT_EQ(next.status, 201);
  const Reply versions = get("/api/workflows/" + created.field("id") + "/versions");
  ASSERT_EQ(find_member(versions.body, "items")->as_array().size(), 2u) << versions.text;
  std::string other = text;
  other.replace(other.find("\"name\":\"a\""), 10, "\"name\":\"b\"");
  EXPECT_EQ(send("PUT", "/api/workflows/" + created.field("id"), other).status, 409);
}

TEST_F(WorkflowRoutesTest, ListsEveryProblemOfADefinition) {
  const Reply answer = post("/api/workflows",
                            "document: {dsl: '1.0.3', namespace: test, name: a, version: "
                            "'1'}\ndo:\n  - x: {sett: {a: 1}}\n",
                            {{"content-type", "application/yaml"}});
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(answer.header("content-type"), "application/problem+json");
  const Json* problems = find_member(answer.body, "problems");
  ASSERT_NE(problems, nullptr) << answer.text;
  ASSERT_GE(problems->as_array().size(), 2u) << answer.text;
  for (const Json& problem : problems->as_array()) {
    EXPECT_NE(find_member(problem, "line"), nullptr);
    EXPECT_FALSE(string_or(find_member(problem, "message"), "").empty());
  }
}

TEST_F(WorkflowRoutesTest, RefusesWhatIsNoJqWithItsPlace) {
  const Reply answer =
      post("/api/workflows",
           "document: {dsl: '1.0.3', namespace: test, name: a, version: '1.0.0'}\ndo:\n"
           "  - x:\n      set:\n        a: '${ .b | nonsense }'\n        c: '${ .b + }'\n",
           {{"content-type", "application/yaml"}});
  ASSERT_EQ(answer.status, 400) << answer.text;
  const Json* problems = find_member(answer.body, "problems");
  ASSERT_NE(problems, nullptr) << answer.text;
  ASSERT_EQ(problems->as_array().size(), 2u) << answer.text;
  const Json& first = problems->as_array()[0];
  EXPECT_EQ(string_or(find_member(first, "pointer"), ""), "/do/0/x/set/a");
  EXPECT_EQ(string_or(find_member(first, "message"), ""), "nonsense/0 is not defined");
  EXPECT_EQ(*find_member(first, "line"), Json(5));
}

TEST_F(WorkflowRoutesTest, RemovesAWorkflowFromListsAndStarts) {
  const std::string id = publish(kGreet);
  EXPECT_EQ(find_member(get("/api/workflows").body, "items")->as_array().size(), 1u);
  EXPECT_EQ(send("DELETE", "/api/workflows/" + id).status, 204);
  EXPECT_EQ(find_member(get("/api/workflows").body, "items")->as_array().size(), 0u);
  EXPECT_EQ(get("/api/workflows/" + id).status, 404);
  EXPECT_EQ(send("DELETE", "/api/workflows/" + id).status, 404);
  EXPECT_EQ(post("/api/workflows/" + id + "/execute", "{}").status, 404);
}

TEST_F(WorkflowRoutesTest, ExecutesAndWaitsForTheEnd) {
  const std::string id = publish(kGreet);
  const Reply ended = post("/api/workflows/" + id + "/execute", R"({"input":{"name":"you"}})");
  ASSERT_EQ(ended.status, 200) << ended.text;
  EXPECT_EQ(ended.field("status"), "completed");
  EXPECT_EQ(ended.field("output"), R"({"greeting":"hello you"})");
  const Reply seen = get("/api/executions/" + ended.field("id"));
  EXPECT_EQ(seen.field("input"), R"({"name":"you"})");
  EXPECT_FALSE(seen.field("finished_at").empty());
  EXPECT_EQ(post("/api/workflows/" + id + "/execute", R"({"inputs":1})").status, 400);
  EXPECT_EQ(post("/api/workflows/" + id + "/execute", "nonsense").status, 400);
  EXPECT_EQ(post("/api/workflows/00000000-0000-7000-8000-000000000000/execute", "{}").status, 404);
}

TEST_F(WorkflowRoutesTest, AnswersWhatDoesNotEndInTimeWithItsPlace) {
  const std::string id = publish(kWait);
  const Reply waited = post("/api/workflows/" + id + "/execute", "{}", {{"prefer", "wait=0"}});
  ASSERT_EQ(waited.status, 202) << waited.text;
  EXPECT_EQ(waited.header("location"), "/api/executions/" + waited.field("id"));
  EXPECT_EQ(waited.header("preference-applied"), "wait=0");
  const Reply accepted =
      post("/api/workflows/" + id + "/execute", "{}", {{"prefer", "respond-async"}});
  EXPECT_EQ(accepted.status, 202);
  EXPECT_EQ(accepted.header("preference-applied"), "respond-async");
  EXPECT_EQ(get(accepted.header("location")).field("id"), accepted.field("id"));
}

TEST_F(WorkflowRoutesTest, StartsOnceUnderOneIdempotencyKey) {
  const std::string path = "/api/workflows/" + publish(kGreet) + "/execute";
  const HttpHeaders key{{"idempotency-key", "order-1"}};
  const Reply first = post(path, R"({"input":{"name":"a"}})", key);
  const Reply again = post(path, R"({"input":{"name":"a"}})", key);
  EXPECT_EQ(first.status, 200);
  EXPECT_EQ(again.status, 200);
  EXPECT_EQ(again.field("id"), first.field("id"));
  EXPECT_EQ(post(path, R"({"input":{"name":"b"}})", key).status, 409);
  EXPECT_EQ(post(path, "{}", {{"idempotency-key", std::string(300, 'k')}}).status, 400);
}

TEST_F(WorkflowRoutesTest, StartsManyInOneRequest) {
  const std::string path = "/api/workflows/" + publish(kGreet) + "/execute/bulk";
  const Reply answer = post(path, R"({"inputs":[{"name":"a"},{"name":"b"},{"name":"c"}]})");
  ASSERT_EQ(answer.status, 202) << answer.text;
  EXPECT_EQ(answer.field("count"), "3");
  for (const Json& id : find_member(answer.body, "ids")->as_array())
    EXPECT_EQ(get("/api/executions/" + std::string(id.as_string())).status, 200);
  EXPECT_EQ(post(path, "{}").status, 400);
  EXPECT_EQ(post(path, R"({"inputs":{}})").status, 400);
}

TEST_F(WorkflowRoutesTest, ListsExecutionsByFilterAndPage) {
  const std::string id = publish(kGreet), other = publish(kGreet, "1.0.0", "other");
  for (int i = 0; i < 3; ++i)
    post("/api/workflows/" + id + "/execute", R"({"input":{"name":"a"}})");
  post("/api/workflows/" + other + "/execute", R"({"input":{"name":"a"}})");
  const Reply page = get("/api/executions?limit=2&workflow_id=" + id);
  EXPECT_EQ(find_member(page.body, "items")->as_array().size(), 2u) << page.text;
  const Reply rest =
      get("/api/executions?limit=2&workflow_id=" + id + "&cursor=" + page.field("next_cursor"));
  EXPECT_EQ(find_member(rest.body, "items")->as_array().size(), 1u) << rest.text;
  EXPECT_EQ(rest.field("next_cursor"), "null");
  EXPECT_EQ(find_member(get("/api/executions?status=completed").body, "items")->as_array().size(),
            4u);
  EXPECT_EQ(find_member(get("/api/executions?status=faulted").body, "items")->as_array().size(),
            0u);
  EXPECT_EQ(get("/api/executions?status=done").status, 400);
  EXPECT_EQ(get("/api/executions?workflow_id=x").status, 400);
  EXPECT_EQ(get("/api/executions/00000000-0000-7000-8000-000000000000").status, 404);
}

TEST_F(WorkflowRoutesTest, ShowsHistoryPageByPage) {
  const Reply ended =
      post("/api/workflows/" + publish(kGreet) + "/execute", R"({"input":{"name":"a"}})");
  const std::string path = "/api/executions/" + ended.field("id") + "/events";
  const Reply all = get(path);
  const std::size_t count = find_member(all.body, "items")->as_array().size();
  ASSERT_GE(count, 3u) << all.text;
  const Reply first = get(path + "?limit=2");
  EXPECT_EQ(first.field("next_cursor"), "2");
  const Reply rest = get(path + "?cursor=2");
  EXPECT_EQ(find_member(rest.body, "items")->as_array().size(), count - 2);
  EXPECT_EQ(get(path + "?cursor=x").status, 400);
  EXPECT_EQ(get("/api/executions/00000000-0000-7000-8000-000000000000/events").status, 404);
}

TEST_F(WorkflowRoutesTest, StreamsHistoryAndResumesAfterTheLastEventSeen) {
  const Reply ended =
      post("/api/workflows/" + publish(kGreet) + "/execute", R"({"input":{"name":"a"}})");
  const std::string path = "/api/executions/" + ended.field("id") + "/events";
  const HttpHeaders live{{"accept", "text/event-stream"}};
  const Reply all = get(path, live);
  EXPECT_EQ(all.status, 200);
  EXPECT_EQ(all.header("content-type"), "text/event-stream");
  EXPECT_TRUE(all.text.starts_with("id: 1\nevent: workflow.started\ndata: {")) << all.text;
  EXPECT_TRUE(all.text.ends_with("event: end\ndata: {\"status\":\"completed\"}\n\n")) << all.text;
  HttpHeaders resumed = live;
  resumed.emplace_back("last-event-id", "2");
  const Reply rest = get(path, resumed);
  EXPECT_TRUE(rest.text.starts_with("id: 3\n")) << rest.text;
  resumed.back().second = "1000";
  EXPECT_EQ(get(path, resumed).status, 204) << "nothing will follow: do not reconnect";
  resumed.back().second = "x";
  EXPECT_EQ(get(path, resumed).status, 400);
}

TEST_F(WorkflowRoutesTest, FollowsAnExecutionThatIsStillRunning) {
  const std::string id = publish("  - nap: {wait: {milliseconds: 300}}\n");
  const Reply started =
      post("/api/workflows/" + id + "/execute", "{}", {{"prefer", "respond-async"}});
  const Reply followed =
      get("/api/executions/" + started.field("id") + "/events", {{"accept", "text/event-stream"}});
  EXPECT_TRUE(followed.text.starts_with("id: 1\n")) << followed.text;
  EXPECT_NE(followed.text.find("event: workflow.completed\n"), std::string::npos) << followed.text;
  EXPECT_TRUE(followed.text.ends_with("event: end\ndata: {\"status\":\"completed\"}\n\n"));
}

TEST_F(WorkflowRoutesTest, ControlsExecutions) {
  const std::string path = "/api/workflows/" + publish(kWait) + "/execute";
  const std::string id = post(path, "{}", {{"prefer", "wait=0"}}).field("id");
  const std::string execution = "/api/executions/" + id;
  const Reply asked = post(execution + "/cancel");
  EXPECT_EQ(asked.status, 202) << asked.text;
  EXPECT_EQ(post("/api/executions/00000000-0000-7000-8000-000000000000/cancel").status, 404);
  EXPECT_EQ(post(execution + "/restart", R"({"to":"/do/0"})").status, 400);
  const Reply done =
      post("/api/workflows/" + publish(kGreet, "2.0.0") + "/execute", R"({"input":{"name":"a"}})");
  EXPECT_EQ(post("/api/executions/" + done.field("id") + "/cancel").status, 409);
  EXPECT_EQ(post("/api/executions/" + done.field("id") + "/resume").status, 409);
  const Reply restarted = post("/api/executions/" + done.field("id") + "/restart");
  EXPECT_EQ(restarted.status, 202) << restarted.text;
}

TEST_F(WorkflowRoutesTest, SendsNoDefinitionThatTheCallerHolds) {
  log_in("editor@example.org");
  const std::string path = "/api/workflows/" + publish("- a: {set: {b: 1}}");
  const Reply first = get(path);
  const std::string tag = first.header("etag");
  ASSERT_EQ(first.status, 200);
  ASSERT_GT(tag.size(), 2u);
  EXPECT_EQ(get(path).header("etag"), tag);
  const Reply again = get(path, {{"if-none-match", tag}});
  EXPECT_EQ(again.status, 304);
  EXPECT_EQ(again.text, "");
  EXPECT_EQ(again.header("etag"), tag);
  EXPECT_EQ(get(path, {{"if-none-match", "\"other\""}}).status, 200);
}

TEST_F(WorkflowRoutesTest, HeadTellsOfWhatGetWouldSend) {
  log_in("viewer@example.org");
  for (const char* path : {"/api/workflows", "/api/openapi.json", "/api/users/me"}) {
    const Reply head = send("HEAD", path);
    EXPECT_EQ(head.status, 200) << path;
    EXPECT_EQ(head.text, "") << path;
    EXPECT_EQ(head.header("content-length"), std::to_string(get(path).text.size())) << path;
  }
  const Reply options = send("OPTIONS", "/api/workflows");
  EXPECT_EQ(options.status, 204);
  EXPECT_EQ(options.header("allow"), "GET, HEAD, POST, OPTIONS");
  EXPECT_EQ(send("DELETE", "/api/workflows").field("type"),
            "urn:auterity:problem:method_not_allowed");
}

}  // namespace
}  // namespace auterity::api
