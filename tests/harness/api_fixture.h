#pragma once
// The real API role on a loopback port, with a database of its own on the shared PostgreSQL, driven
// on one event loop with its caller.
#include <gtest/gtest.h>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/json/object.hpp>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <utility>

#include "api/auth/password_hasher.h"
#include "api/auth/user_store.h"
#include "api/process/api_process.h"
#include "core/curl_http_client.h"
#include "core/disk_files.h"
#include "core/metrics.h"
#include "core/random.h"
#include "core/system_clock.h"
#include "harness/evaluator_command.h"
#include "harness/event_loop.h"
#include "harness/postgres_server.h"
#include "harness/throwaway_folder.h"

namespace auterity::api {

struct Reply {
  int status = 0;
  HttpHeaders headers;
  std::string text;
  Json body;  // null when it is no JSON

  std::string field(std::string_view name) const {
    const Json* member = find_member(body, name);
    return member == nullptr     ? std::string()
           : member->is_string() ? std::string(member->as_string())
                                 : auterity::to_text(*member);
  }
  std::string header(std::string_view name) const {
    const std::string* value = find_header(headers, name);
    return value == nullptr ? std::string() : *value;
  }
};

class ApiFixture : public testing::Test {
 protected:
  static constexpr const char* kPassword = "correct horse battery";

  void SetUp() override {
    AUTERITY_NEEDS_POSTGRES();
    database_name_ = harness::PostgresServer::shared()->create_migrated_database();
    start(harness::PostgresServer::shared()->url(database_name_));
    for (const auto& [email, role] : {std::pair{"admin@example.org", Role::admin},
                                      std::pair{"operator@example.org", Role::operator_},
                                      std::pair{"editor@example.org", Role::editor},
                                      std::pair{"viewer@example.org", Role::viewer}})
      add_user(email, role);
    wait_until_ready();
  }

  void TearDown() override {
    stop();
    if (accounts_) loop_.run(accounts_->close());
  }

  Environment environment(const std::string& database_url) const {
    return {{"DATABASE_URL", database_url},
            {"JWT_SECRET_KEY", "0123456789abcdef0123456789abcdeX"},
            {"AUTERITY_SECRETS_KEY", std::string(64, 'a')},
            {"AUTERITY_OBJECTS", folder_.path().string()},
            {"REDIS_URL", redis_url_},
            {"AUTERITY_LISTEN", "127.0.0.1:0"},
            {"AUTERITY_INSTANCE", "api-test"},
            {"AUTERITY_UPLOAD_LIMIT_MB", "4"}};
  }

  void start(const std::string& database_url) {
    auto settings = read_process_settings(environment(database_url));
    ASSERT_TRUE(settings) << settings.error().message;
    settings->drain_notice = Duration{};
    auto process = ApiProcess::make({.executor = loop_.executor(),
                                     .clock = clock_,
                                     .random = random_,
                                     .log = log_,
                                     .metrics = *metrics_,
                                     .files = files_,
                                     .http = *http_,
                                     .evaluator_command = harness::evaluator_command()},
                                    std::move(*settings));
    ASSERT_TRUE(process) << process.error().message;
    process_ = std::move(*process);
    const Status listening = process_->listen();
    ASSERT_TRUE(listening) << listening.error().message;
    stop_ = std::make_unique<boost::asio::steady_timer>(
        loop_.context(), boost::asio::steady_timer::time_point::max());
    ended_ = false;
    boost::asio::co_spawn(loop_.context(), process_->run(wait(*stop_)),
                          [this](std::exception_ptr error, const Status&) {
                            ended_ = true;
                            if (error) std::rethrow_exception(error);
                          });
  }

  void stop() {
    if (!process_) return;
    stop_->cancel();
    while (!ended_) loop_.context().run_one();
    process_.reset();
  }

  void wait_until_ready() {
    for (int i = 0; i < 500; ++i) {
      if (get("/api/health/readiness").status == 200) return;
      loop_.run(clock_.sleep(std::chrono::milliseconds(10)));
    }
    FAIL() << "never ready: " << get("/api/health/readiness").text;
  }

  void add_user(const std::string& email, Role role) {
    if (!accounts_)
      accounts_ = data::open_database(
          loop_.executor(), clock_, log_,
          {.url = harness::PostgresServer::shared()->url(database_name_), .max_connections = 1});
    UserStore store(*accounts_, clock_, random_);
    static PasswordHasher hasher(1);
    static const std::string hash = *loop_.run(hasher.hash(kPassword));
    const auto user = loop_.run(store.create({email, "", hash, role}));
    ASSERT_TRUE(user) << user.error().message;
  }

  Reply send(std::string method, const std::string& path, std::string body = {},
             HttpHeaders headers = {}) {
    HttpRequest request;
    request.method = std::move(method);
    request.url = "http://127.0.0.1:" + std::to_string(process_->port()) + path;
    request.headers = std::move(headers);
    if (!token_.empty() && find_header(request.headers, "authorization") == nullptr)
      request.headers.emplace_back("authorization", "Bearer " + token_);
    if (!body.empty() && find_header(request.headers, "content-type") == nullptr)
      request.headers.emplace_back("content-type", "application/json");
    request.body = std::move(body);
    auto response = loop_.run(http_->send(std::move(request)));
    if (!response) {
      ADD_FAILURE() << path << ": " << response.error().message;
      return {};
    }
    Reply answer{response->status, std::move(response->headers), std::move(response->body), Json()};
    if (auto parsed = parse_json(answer.text)) answer.body = std::move(*parsed);
    return answer;
  }
  Reply get(const std::string& path, HttpHeaders headers = {}) {
    return send("GET", path, {}, std::move(headers));
  }
  Reply post(const std::string& path, std::string body = {}, HttpHeaders headers = {}) {
    return send("POST", path, std::move(body), std::move(headers));
  }

  Reply log_in(const std::string& email, const std::string& password = kPassword) {
    token_.clear();
    Reply answer =
        post("/api/auth/login",
             auterity::to_text(Json(JsonObject{{"email", email}, {"password", password}})));
    token_ = answer.field("access_token");
    return answer;
  }

  // Its id.
  std::string publish(const std::string& tasks, const std::string& version = "1.0.0",
                      const std::string& name = "sample") {
    const std::string text = "document: {dsl: '1.0.3', namespace: test, name: " + name +
                             ", version: '" + version + "'}\ndo:\n" + tasks;
    const Reply answer = post("/api/workflows", text, {{"content-type", "application/yaml"}});
    EXPECT_TRUE(answer.status == 201 || answer.status == 200) << answer.text;
    return answer.field("id");
  }

  static Async<void> wait(boost::asio::steady_timer& timer) {
    boost::system::error_code woken;
    co_await timer.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, woken));
  }

  harness::EventLoop loop_;
  SystemClock clock_;
  SystemRandom random_;
  harness::SilentLog log_;
  std::unique_ptr<Metrics> metrics_ = make_metrics();
  DiskFiles files_;
  harness::ThrowawayFolder folder_{"api"};
  std::unique_ptr<HttpClient> http_ = make_curl_http_client(loop_.executor(), {});
  std::unique_ptr<data::Database> accounts_;
  std::string database_name_;
  std::string redis_url_;  // empty: none
  std::unique_ptr<ApiProcess> process_;
  std::unique_ptr<boost::asio::steady_timer> stop_;
  bool ended_ = true;
  std::string token_;
};

}  // namespace auterity::api
