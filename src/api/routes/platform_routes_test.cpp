#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <boost/json/array.hpp>

#include "harness/api_fixture.h"

namespace auterity::api {
namespace {

class PlatformRoutesTest : public ApiFixture {
 protected:
  std::size_t objects() const {
    std::size_t count = 0;
    for (const auto& entry :
         std::filesystem::recursive_directory_iterator(folder_.path() / "files", ignored_))
      count += entry.is_regular_file() ? 1 : 0;
    return count;
  }
  mutable std::error_code ignored_;
};

TEST_F(PlatformRoutesTest, AnswersHealthAsMonitorsReadIt) {
  const Reply health = get("/api/health");
  EXPECT_EQ(health.status, 200);
  EXPECT_EQ(health.field("status"), "healthy");
  EXPECT_TRUE(find_member(health.body, "timestamp")->is_number());
  EXPECT_FALSE(health.field("version").empty());
  EXPECT_EQ(get("/api/health/liveness").field("status"), "alive");
  const Reply ready = get("/api/health/readiness");
  EXPECT_EQ(ready.field("status"), "ready");
  EXPECT_TRUE(find_member(ready.body, "db_version")->is_number());
  const Reply detailed = get("/api/health/detailed");
  EXPECT_EQ(detailed.status, 200);
  for (const char* name : {"database", "redis", "object_store", "ai_service"})
    EXPECT_NE(find_pointer(detailed.body, "/checks/" + std::string(name) + "/response_time_ms"),
              nullptr)
        << name;
  EXPECT_EQ(find_pointer(detailed.body, "/checks/database/connections"), nullptr)
      << "strangers see no more than that";
  log_in("viewer@example.org");
  EXPECT_NE(find_pointer(get("/api/health/detailed").body, "/checks/database/connections"),
            nullptr);
}

TEST_F(PlatformRoutesTest, KeepsTheIdsOfARequest) {
  EXPECT_EQ(get("/api/health", {{"x-request-id", "abc-1"}}).header("x-request-id"), "abc-1");
  const std::string made = get("/api/health", {{"x-request-id", "a b\"c"}}).header("x-request-id");
  EXPECT_TRUE(parse_uuid(made)) << made;
  const Reply missing = get("/api/nothing", {{"x-request-id", "abc-2"}});
  EXPECT_EQ(missing.status, 404);
  EXPECT_EQ(missing.field("request_id"), "abc-2");
  EXPECT_EQ(missing.field("instance"), "/api/nothing");
}

TEST_F(PlatformRoutesTest, CountsRequestsByTemplateAndRealStatus) {
  log_in("viewer@example.org");
  get("/api/executions/00000000-0000-7000-8000-000000000000");
  get("/api/v1/executions/00000000-0000-7000-8000-000000000001");
  get("/api/no/such/path/4711");
  const Reply metrics = get("/metrics");
  EXPECT_EQ(metrics.header("content-type"), "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_NE(
      metrics.text.find(
          R"(http_requests_total{endpoint="/api/executions/{id}",method="GET",status_code="404"} 2)"),
      std::string::npos)
      << metrics.text;
  EXPECT_NE(metrics.text.find(
                R"(http_requests_total{endpoint="unmatched",method="GET",status_code="404"} 1)"),
            std::string::npos);
  EXPECT_EQ(metrics.text.find("4711"), std::string::npos);
  for (const char* name : {"http_request_duration_seconds_bucket", "active_connections",
                           "database_connections_active"})
    EXPECT_NE(metrics.text.find(name), std::string::npos) << name;
}

TEST_F(PlatformRoutesTest, ShowsMetricsToThisMachineOrWithAToken) {
  token_.clear();
  EXPECT_EQ(get("/metrics").status, 200);
  EXPECT_EQ(get("/metrics", {{"x-forwarded-for", "192.0.2.1"}}).status, 401);
  EXPECT_EQ(get("/metrics", {{"x-forwarded-for", "127.0.0.1, 192.0.2.1"}}).status, 401);
  log_in("viewer@example.org");
  EXPECT_EQ(get("/metrics", {{"x-forwarded-for", "192.0.2.1"}}).status, 403);
  log_in("operator@example.org");
  EXPECT_EQ(get("/metrics", {{"x-forwarded-for", "192.0.2.1"}}).status, 200);
}

TEST_F(PlatformRoutesTest, ShowsThePlatform) {
  log_in("operator@example.org");
  const Reply status = get("/api/status");
  EXPECT_EQ(status.field("instance"), "api-test");
  EXPECT_EQ(status.field("ready"), "true");
  EXPECT_EQ(get("/api/operations").status, 200);
  EXPECT_EQ(get("/api/backups").status, 200);
  EXPECT_EQ(get("/api/operations/none").status, 404);
  EXPECT_EQ(get("/api/operations/..%2F..%2Fetc").status, 404);
  EXPECT_EQ(post("/api/events", "{}").status, 501);
  EXPECT_EQ(get("/api/openapi.json").field("openapi"), "3.1.0");
}

TEST_F(PlatformRoutesTest, RefusesAQueryParameterThatNobodyReads) {
  EXPECT_EQ(get("/api/executions?statsu=running").status, 401) << "strangers learn nothing of it";
  log_in("viewer@example.org");
  const Reply misspelt = get("/api/executions?statsu=running");
  EXPECT_EQ(misspelt.status, 400);
  EXPECT_EQ(misspelt.header("content-type"), "application/problem+json");
  EXPECT_NE(misspelt.field("detail").find("'statsu'"), std::string::npos);
  EXPECT_EQ(misspelt.field("hint"), "did you mean status?");
  EXPECT_EQ(get("/api/v1/executions?status=running").status, 200);
}

TEST_F(PlatformRoutesTest, TakesSecretsInAndNeverGivesThemOut) {
  log_in("operator@example.org");
  EXPECT_EQ(send("PUT", "/api/secrets/token-1", R"({"value":"hunter2"})").status, 204);
  const Reply list = get("/api/secrets");
  EXPECT_EQ(list.field("items"), R"([{"name":"token-1"}])");
  EXPECT_EQ(get("/api/secrets/token-1").text.find("hunter2"), std::string::npos);
  EXPECT_EQ(get("/api/secrets/other").status, 404);
  EXPECT_EQ(send("PUT", "/api/secrets/1bad", R"({"value":1})").status, 400);
  EXPECT_EQ(send("PUT", "/api/secrets/empty", "{}").status, 400);
  EXPECT_EQ(send("DELETE", "/api/secrets/token-1").status, 204);
  EXPECT_EQ(send("DELETE", "/api/secrets/token-1").status, 404);
  EXPECT_EQ(get("/api/secrets/%zz").status, 400);
}

TEST_F(PlatformRoutesTest, StoresFilesAndGivesThemBack) {
  log_in("editor@example.org");
  std::string content;
  for (int i = 0; i < 100'000; ++i) content += std::to_string(i);
  const Reply stored =
      post("/api/files?name=a%20%22b%22.bin", content, {{"content-type", "application/x-thing"}});
  ASSERT_EQ(stored.status, 201) << stored.text;
  EXPECT_EQ(stored.field("name"), "a \"b\".bin");
  EXPECT_EQ(stored.field("size"), std::to_string(content.size()));
  EXPECT_EQ(stored.field("sha256").size(), 64u);
  const std::string path = "/api/files/" + stored.field("id");
  const Reply read = get(path);
  EXPECT_EQ(read.text, content);
  EXPECT_EQ(read.header("content-type"), "application/x-thing");
  EXPECT_EQ(read.header("etag"), "\"" + stored.field("sha256") + "\"");
  EXPECT_EQ(read.header("content-disposition"), "attachment; filename*=UTF-8''a%20%22b%22.bin");
  EXPECT_EQ(get(path, {{"if-none-match", read.header("etag")}}).status, 304);
  EXPECT_EQ(find_member(get("/api/files").body, "items")->as_array().size(), 1u);
  EXPECT_EQ(send("DELETE", path).status, 204);
  EXPECT_EQ(get(path).status, 404);
  EXPECT_EQ(send("DELETE", path).status, 404);
  EXPECT_EQ(objects(), 0u);
}

TEST_F(PlatformRoutesTest, RefusesFilesThatAreTooLargeNamelessOrCutShort) {
  log_in("editor@example.org");
  EXPECT_EQ(post("/api/files", "x").status, 400);
  EXPECT_EQ(post("/api/files?name=a%00b", "x").status, 400);
  EXPECT_EQ(post("/api/files?name=big", std::string((4u << 20) + 1, 'x')).status, 413);
  // A client that dies half-way leaves nothing behind.
  boost::asio::ip::tcp::socket socket(loop_.context());
  socket.connect({boost::asio::ip::make_address("127.0.0.1"), process_->port()});
  boost::asio::write(
      socket,
      boost::asio::buffer("POST /api/files?name=cut HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " +
                          token_ + "\r\nContent-Length: 1000\r\n\r\nhalf"));
  socket.shutdown(boost::asio::ip::tcp::socket::shutdown_send);
  EXPECT_EQ(find_member(get("/api/files").body, "items")->as_array().size(), 0u);
  EXPECT_EQ(objects(), 0u);
}

}  // namespace
}  // namespace auterity::api
