#include "api/health/dependencies.h"

#include <boost/json/object.hpp>

#include "data/migrations.h"

namespace auterity::api {
namespace {

class DatabaseDependency final : public Dependency {
 public:
  explicit DatabaseDependency(data::Database& database) : database_(database) {}
  std::string_view name() const override { return "database"; }
  bool is_critical() const override { return true; }
  Async<Result<JsonObject>> probe() override {
    AUTERITY_CO_TRY(revision, co_await data::applied_revision(database_));
    const auto pool = database_.pool();
    co_return JsonObject{{"schema_revision", revision},
                         {"connections", pool.open},
                         {"connections_active", pool.busy}};
  }

 private:
  data::Database& database_;
};

class RedisDependency final : public Dependency {
 public:
  explicit RedisDependency(data::Redis* redis) : redis_(redis) {}
  std::string_view name() const override { return "redis"; }
  bool is_critical() const override { return false; }
  Async<Result<JsonObject>> probe() override {
    if (!redis_) co_return fail(ErrorKind::not_ready, "not configured", "set REDIS_URL");
    AUTERITY_CO_CHECK(co_await redis_->command({"PING"}));
    co_return JsonObject{};
  }

 private:
  data::Redis* redis_;
};

class ObjectStoreDependency final : public Dependency {
 public:
  explicit ObjectStoreDependency(data::ObjectStore& objects) : objects_(objects) {}
  std::string_view name() const override { return "object_store"; }
  bool is_critical() const override { return false; }
  // Writes and reads: a store that is full or read-only is not healthy.
  Async<Result<JsonObject>> probe() override {
    constexpr std::string_view kContent = "ok";
    AUTERITY_CO_CHECK(co_await objects_.put("health/probe", std::string(kContent)));
    AUTERITY_CO_TRY(content, co_await objects_.get("health/probe"));
    if (content != kContent)
      co_return fail(ErrorKind::failed, "the object store does not give back what was written");
    co_return JsonObject{};
  }

 private:
  data::ObjectStore& objects_;
};

class AiServiceDependency final : public Dependency {
 public:
  AiServiceDependency(HttpClient& http, std::string url) : http_(http), url_(std::move(url)) {}
  std::string_view name() const override { return "ai_service"; }
  bool is_critical() const override { return false; }
  Async<Result<JsonObject>> probe() override {
    if (url_.empty())
      co_return fail(ErrorKind::not_ready, "not configured", "set AUTERITY_AI_SERVICE_URL");
    HttpRequest request;
    request.url = url_;
    request.timeout = std::chrono::milliseconds(1500);
    request.max_response_bytes = 64 * 1024;
    AUTERITY_CO_TRY(response, co_await http_.send(std::move(request)));
    if (response.status >= 400)
      co_return fail(ErrorKind::unavailable, "the AI service answers with an error");
    co_return JsonObject{{"http_status", response.status}};
  }

 private:
  HttpClient& http_;
  std::string url_;
};

}  // namespace

std::unique_ptr<Dependency> make_database_dependency(data::Database& database) {
  return std::make_unique<DatabaseDependency>(database);
}
std::unique_ptr<Dependency> make_redis_dependency(data::Redis* redis) {
  return std::make_unique<RedisDependency>(redis);
}
std::unique_ptr<Dependency> make_object_store_dependency(data::ObjectStore& objects) {
  return std::make_unique<ObjectStoreDependency>(objects);
}
std::unique_ptr<Dependency> make_ai_service_dependency(HttpClient& http, std::string url) {
  return std::make_unique<AiServiceDependency>(http, std::move(url));
}

}  // namespace auterity::api
