#include "api/process/worker_process.h"

#include "harness/api_fixture.h"
#include "harness/loopback_port.h"

namespace auterity::api {
namespace {

class WorkerProcessTest : public ApiFixture {
 protected:
  void TearDown() override {
    if (worker_) {
      worker_stop_->cancel();
      while (!worker_ended_) loop_.context().run_one();
      worker_.reset();
    }
    ApiFixture::TearDown();
  }

  void start_worker() {
    Environment variables = environment(harness::PostgresServer::shared()->url(database_name_));
    port_ = harness::find_free_loopback_port();
    variables["AUTERITY_INSTANCE"] = "worker-test";
    variables["AUTERITY_METRICS_LISTEN"] = "127.0.0.1:" + std::to_string(port_);
    auto settings = read_process_settings(variables);
    ASSERT_TRUE(settings) << settings.error().message;
    auto worker = WorkerProcess::make({.executor = loop_.executor(),
                                       .clock = clock_,
                                       .random = random_,
                                       .log = log_,
                                       .metrics = *worker_metrics_,
                                       .files = files_,
                                       .http = *http_,
                                       .evaluator_command = harness::evaluator_command()},
                                      std::move(*settings));
    ASSERT_TRUE(worker) << worker.error().message;
    worker_ = std::move(*worker);
    const Status listening = worker_->listen();
    ASSERT_TRUE(listening) << listening.error().message;
    worker_stop_ = std::make_unique<boost::asio::steady_timer>(
        loop_.context(), boost::asio::steady_timer::time_point::max());
    worker_ended_ = false;
    boost::asio::co_spawn(loop_.context(), worker_->run(wait(*worker_stop_)),
                          [this](std::exception_ptr, const Status&) { worker_ended_ = true; });
  }

  bool becomes(const std::string& execution, const std::string& status) {
    for (int i = 0; i < 1000; ++i) {
      if (get("/api/executions/" + execution).field("status") == status) return true;
      loop_.run(clock_.sleep(std::chrono::milliseconds(10)));
    }
    return false;
  }

  std::unique_ptr<Metrics> worker_metrics_ = make_metrics();
  std::unique_ptr<WorkerProcess> worker_;
  std::unique_ptr<boost::asio::steady_timer> worker_stop_;
  bool worker_ended_ = true;
  int port_ = 0;
};

TEST_F(WorkerProcessTest, CarriesOutWhatIsAskedOfASleepingExecution) {
  log_in("editor@example.org");
  const std::string workflow = publish("  - nap: {wait: {hours: 1}}\n");
  const std::string id =
      post("/api/workflows/" + workflow + "/execute", "{}", {{"prefer", "respond-async"}})
          .field("id");
  ASSERT_TRUE(becomes(id, "waiting"));
  start_worker();
  EXPECT_EQ(post("/api/executions/" + id + "/suspend").status, 202);
  EXPECT_TRUE(becomes(id, "suspended"));
  EXPECT_EQ(post("/api/executions/" + id + "/resume").status, 202);
  EXPECT_TRUE(becomes(id, "waiting"));
  EXPECT_EQ(post("/api/executions/" + id + "/cancel").status, 202);
  EXPECT_TRUE(becomes(id, "cancelled"));
}

TEST_F(WorkerProcessTest, ShowsItsOwnMetricsAndNothingElse) {
  start_worker();
  HttpRequest request{.url = "http://127.0.0.1:" + std::to_string(port_) + "/metrics"};
  const auto metrics = loop_.run(http_->send(request));
  ASSERT_TRUE(metrics);
  EXPECT_EQ(metrics->status, 200);
  EXPECT_NE(metrics->body.find("auterity_build_info"), std::string::npos);
  request.url = "http://127.0.0.1:" + std::to_string(port_) + "/api/executions";
  EXPECT_EQ(loop_.run(http_->send(request))->status, 404);
  request.url = "http://127.0.0.1:" + std::to_string(port_) + "/metrics";
  request.method = "DELETE";
  EXPECT_EQ(loop_.run(http_->send(request))->status, 405);
}

}  // namespace
}  // namespace auterity::api
