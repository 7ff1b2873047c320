#include "api/process/api_process.h"

#include "api/process/schema_range.h"
#include "data/migrations.h"
#include "harness/api_fixture.h"
#include "harness/redis_server.h"
#include "harness/source_folder.h"

namespace auterity::api {
namespace {

class ApiProcessTest : public ApiFixture {
 protected:
  void SetUp() override { AUTERITY_NEEDS_POSTGRES(); }

  // The real answer of a server may take a moment: asks until it is what is expected, for five
  // seconds.
  bool becomes(const std::string& path, int status) {
    for (int i = 0; i < 500; ++i) {
      if (get(path).status == status) return true;
      loop_.run(clock_.sleep(std::chrono::milliseconds(10)));
    }
    return false;
  }
};

TEST_F(ApiProcessTest, AnswersBeforeTheDatabaseIsThereAndIsReadyWhenItComes) {
  harness::PostgresServer server;
  const std::string name = server.create_migrated_database();
  server.stop();
  start(server.url(name));
  EXPECT_EQ(get("/api/health").status, 200);
  EXPECT_EQ(get("/api/health/readiness").status, 503);
  EXPECT_TRUE(becomes("/api/health/detailed", 503));
  const Reply detailed = get("/api/health/detailed");
  EXPECT_EQ(find_pointer(detailed.body, "/checks/database/status")->as_string(), "unhealthy");
  EXPECT_EQ(detailed.text.find(name), std::string::npos) << "strangers are told no names";
  EXPECT_EQ(get("/api/health/liveness").status, 200);
  const Reply refused = post("/api/auth/login", R"({"email":"a@b.c","password":"correct horse"})");
  EXPECT_EQ(refused.status, 503) << refused.text;
  EXPECT_EQ(refused.header("retry-after"), "1");
  for (const char* inside : {"database", "PostgreSQL", "URL"})
    EXPECT_EQ(refused.text.find(inside), std::string::npos) << refused.text;
  server.start();
  EXPECT_TRUE(becomes("/api/health/readiness", 200));
  stop();
}

TEST_F(ApiProcessTest, IsNotReadyWithASchemaThatItDoesNotKnow) {
  auto& server = *harness::PostgresServer::shared();
  const std::string name = server.create_migrated_database();
  server.execute(
      "INSERT INTO schema_migrations (revision, name, checksum) VALUES (999, 'later', 'x')", name);
  start(server.url(name));
  EXPECT_EQ(get("/api/health/readiness").status, 503);
  const auto says = [&](std::string_view part) {
    return get("/api/health/readiness").field("reason").find(part) != std::string::npos;
  };
  for (int i = 0; i < 500 && !says("revision 999"); ++i)
    loop_.run(clock_.sleep(std::chrono::milliseconds(10)));
  EXPECT_TRUE(says("revision 999"));
  EXPECT_EQ(get("/api/health/readiness").status, 503);
  stop();
}

TEST_F(ApiProcessTest, DrainsInOrder) {
  auto& server = *harness::PostgresServer::shared();
  database_name_ = server.create_migrated_database();
  start(server.url(database_name_));
  add_user("editor@example.org", Role::editor);
  wait_until_ready();
  log_in("editor@example.org");
  const std::string id = publish("  - nap: {wait: {minutes: 10}}\n");
  const std::string url =
      "http://127.0.0.1:" + std::to_string(process_->port()) + "/api/workflows/" + id + "/execute";
  int waited_status = 0;
  HttpRequest waiting{.method = "POST",
                      .url = url,
                      .headers = {{"authorization", "Bearer " + token_}},
                      .body = "{}"};
  boost::asio::co_spawn(loop_.context(), http_->send(std::move(waiting)),
                        [&](std::exception_ptr, Result<HttpResponse> response) {
                          waited_status = response ? response->status : -1;
                        });
  // The request is being handled once its execution exists.
  for (int i = 0; i < 500 && get("/api/executions").field("items") == "[]"; ++i)
    loop_.run(clock_.sleep(std::chrono::milliseconds(10)));
  const std::string execution(
      string_or(find_pointer(get("/api/executions").body, "/items/0/id"), ""));
  HttpRequest following{
      .url = "http://127.0.0.1:" + std::to_string(process_->port()) + "/api/executions/" +
             execution + "/events",
      .headers = {{"authorization", "Bearer " + token_}, {"accept", "text/event-stream"}}};
  std::string followed;
  boost::asio::co_spawn(loop_.context(), http_->send(std::move(following)),
                        [&](std::exception_ptr, Result<HttpResponse> response) {
                          followed = response ? response->body : response.error().message;
                        });
  for (int i = 0; i < 500 && get("/api/status").field("event_streams") == "0"; ++i)
    loop_.run(clock_.sleep(std::chrono::milliseconds(10)));
  stop();
  EXPECT_EQ(waited_status, 202) << "who waits hears that it goes on";
  EXPECT_TRUE(followed.starts_with("id: 1\n")) << followed;
  EXPECT_NE(followed.find("retry: 1000\n"), std::string::npos) << followed;
}

TEST_F(ApiProcessTest, GoesOnWhenRedisIsLost) {
  AUTERITY_NEEDS_REDIS();
  harness::RedisServer redis;
  redis_url_ = redis.url();
  start(harness::PostgresServer::shared()->url(
      harness::PostgresServer::shared()->create_migrated_database()));
  wait_until_ready();
  const auto redis_is = [&](std::string_view state) {
    const Reply health = get("/api/health/detailed");
    return health.status == 200 &&
           string_or(find_pointer(health.body, "/checks/redis/status"), "") == state;
  };
  EXPECT_TRUE(redis_is("healthy"));
  redis.stop();
  for (int i = 0; i < 500 && !redis_is("unhealthy"); ++i)
    loop_.run(clock_.sleep(std::chrono::milliseconds(10)));
  EXPECT_TRUE(redis_is("unhealthy")) << "and the answer is still 200: Redis is not critical";
  EXPECT_EQ(get("/api/health/readiness").status, 200);
  stop();
}

TEST_F(ApiProcessTest, SettingsAreCheckedBeforeAnythingIsOpened) {
  const Environment good = environment("postgresql://h/d");
  EXPECT_TRUE(read_process_settings(good));
  struct Row {
    const char* name;
    const char* value;
    ErrorKind kind;
  };
  for (const Row& row : {Row{"DATABASE_URL", "", ErrorKind::not_ready},
                         Row{"JWT_SECRET_KEY", "", ErrorKind::not_ready},
                         Row{"JWT_SECRET_KEY", "weak", ErrorKind::invalid_input},
                         Row{"AUTERITY_SECRETS_KEY", "zz", ErrorKind::invalid_input},
                         Row{"AUTERITY_LISTEN", "nowhere", ErrorKind::invalid_input},
                         Row{"AUTERITY_METRICS_LISTEN", "0.0.0.0:1", ErrorKind::invalid_input},
                         Row{"AUTERITY_IN_PLACE", "many", ErrorKind::invalid_input}}) {
    Environment changed = good;
    changed[row.name] = row.value;
    const auto read = read_process_settings(changed);
    ASSERT_FALSE(read) << row.name;
    EXPECT_EQ(read.error().kind, row.kind) << row.name;
    EXPECT_FALSE(read.error().hint.empty());
  }
}

TEST_F(ApiProcessTest, TheNewestMigrationIsTheOneThatTheBuildKnows) {
  const auto migrations = data::load_migrations((harness::source_folder() / "migrations").string());
  ASSERT_TRUE(migrations);
  EXPECT_EQ(migrations->back().revision, kNewestMigration)
      << "raise kNewestMigration with a new migration";
}

}  // namespace
}  // namespace auterity::api
