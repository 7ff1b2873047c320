#include "api/process/api_process.h"

#include "api/api_application.h"
#include "api/auth/access_token.h"
#include "api/auth/sessions.h"
#include "api/auth/users.h"
#include "api/backups_view.h"
#include "api/event_stream/execution_feed.h"
#include "api/files/file_store.h"
#include "api/health/dependencies.h"
#include "api/http_server/http_server.h"
#include "api/metrics_page/metrics_application.h"
#include "api/operations_view.h"
#include "api/platform_status.h"
#include "api/process/process_end.h"
#include "api/process/process_metrics.h"
#include "api/process/ready_signal.h"
#include "api/process/schema_range.h"
#include "api/routes/route_groups.h"
#include "api/routing/openapi.h"
#include "api/services.h"
#include "core/version.h"

namespace auterity::api {
namespace {

constexpr Duration kRequestsLimit = std::chrono::seconds(15);
constexpr Duration kHandOverLimit = std::chrono::seconds(10);

std::vector<std::unique_ptr<Dependency>> dependencies_of(EngineHost& host,
                                                         const ProcessSettings& settings) {
  std::vector<std::unique_ptr<Dependency>> all;
  all.push_back(make_database_dependency(host.database()));
  all.push_back(make_redis_dependency(host.redis()));
  all.push_back(make_object_store_dependency(host.objects()));
  all.push_back(make_ai_service_dependency(host.outside().http, settings.ai_service_url));
  return all;
}

ServerServices server_services(const Outside& outside, Gauge& connections) {
  return {outside.executor, outside.clock, outside.log, connections};
}

}  // namespace

// In the order in which they refer to each other.
struct ApiProcess::Parts {
  Parts(std::unique_ptr<EngineHost> engine_host, ProcessSettings process_settings)
      : settings(std::move(process_settings)),
        host(std::move(engine_host)),
        outside(host->outside()),
        routes(api_routes()),
        openapi(auterity::to_text(make_openapi(routes))),
        user_store(host->database(), outside.clock, outside.random),
        token_store(host->database()),
        files(host->database()),
        tokens(settings.jwt_secret_key, outside.clock),
        limiter(host->redis(), outside.clock),
        revocation_bus(host->redis(), revocations, outside.clock, outside.log),
        users(user_store, hasher, revocation_bus, outside.clock),
        sessions({user_store, token_store, tokens, revocations, revocation_bus, hasher, limiter,
                  outside.clock, outside.random, outside.log}),
        feed(outside.executor, outside.clock, host->executions(), host->bus()),
        health(outside.clock, outside.log, dependencies_of(*host, settings),
               accepted_schema_revisions()),
        process_metrics(outside.metrics, host->database(), outside.clock, settings.colour),
        metrics_page(
            outside.metrics, outside.clock,
            [this] { return settings.metrics_peers.find(outside.files); },
            [this] { process_metrics.update(); }),
        operations(make_journal_view(outside.files, outside.clock, outside.log,
                                     settings.operations_folder, host->blocking())),
        backups(make_summary_view(outside.files, settings.operations_folder, host->blocking())),
        status{settings.instance, settings.colour, settings.base_url, outside.clock.now()},
        services{outside.executor,
                 outside.clock,
                 outside.random,
                 outside.log,
                 outside.metrics,
                 tokens,
                 revocations,
                 sessions,
                 users,
                 host->engine(),
                 host->evaluator(),
                 host->workflows(),
                 host->executions(),
                 host->secrets(),
                 host->objects(),
                 files,
                 feed,
                 health,
                 metrics_page,
                 *operations,
                 *backups,
                 status,
                 openapi,
                 settings.upload_limit},
        application(routes, services, settings.metrics_token),
        metrics_application(metrics_page),
        server(server_services(outside, outside.metrics.gauge("active_connections",
                                                              "Open connections of clients.")),
               application),
        metrics_server(
            server_services(outside, outside.metrics.gauge("metrics_connections",
                                                           "Open connections of monitors.")),
            metrics_application),
        end(outside.executor, outside.log, "api"),
        duties(
            outside.executor, "api duties",
            [this](std::string_view task, std::exception_ptr error) { end.broke(task, error); }) {}

  ProcessSettings settings;
  std::unique_ptr<EngineHost> host;
  const Outside& outside;
  std::vector<Route> routes;
  std::string openapi;
  UserStore user_store;
  TokenStore token_store;
  FileStore files;
  AccessTokens tokens;
  Revocations revocations;
  PasswordHasher hasher;
  LoginLimiter limiter;
  RevocationBus revocation_bus;
  Users users;
  Sessions sessions;
  ExecutionFeed feed;
  Health health;
  ProcessMetrics process_metrics;
  MetricsPage metrics_page;
  std::unique_ptr<OperationsView> operations;
  std::unique_ptr<BackupsView> backups;
  PlatformStatus status;
  Services services;
  ApiApplication application;
  MetricsApplication metrics_application;
  HttpServer server;
  HttpServer metrics_server;
  ProcessEnd end;
  TaskGroup duties;
};

ApiProcess::ApiProcess() = default;
ApiProcess::~ApiProcess() = default;

Result<std::unique_ptr<ApiProcess>> ApiProcess::make(Outside outside, ProcessSettings settings) {
  AUTERITY_TRY(host, EngineHost::make(std::move(outside), settings, false));
  std::unique_ptr<ApiProcess> process(new ApiProcess());
  process->parts_ = std::make_unique<Parts>(std::move(host), std::move(settings));
  return process;
}

Status ApiProcess::listen() {
  AUTERITY_CHECK(parts_->server.listen(parts_->settings.listen));
  if (parts_->settings.metrics_listen)
    AUTERITY_CHECK(parts_->metrics_server.listen(*parts_->settings.metrics_listen));
  return {};
}

std::uint16_t ApiProcess::port() const { return parts_->server.port(); }

Async<Status> ApiProcess::run(Async<void> stop) {
  Parts& parts = *parts_;
  const auto descriptor = parts.settings.ready_descriptor;
  Log& log = parts.outside.log;
  parts.host->start(parts.duties);
  parts.duties.spawn("health", parts.health.watch([descriptor, &log] {
    signal_ready(descriptor);
    log.info("api", "ready");
  }));
  parts.duties.spawn("revocations", parts.sessions.watch_revocations());
  parts.duties.spawn("revocations heard of", parts.revocation_bus.run());
  log.info("api", "listening",
           {{"address", Json(to_text(parts.settings.listen))}, {"version", Json(version())}});
  const Status ended = co_await parts.end.wait(parts.duties, std::move(stop));
  co_await drain();
  co_return ended;
}

void ApiProcess::hand_over() {
  parts_->outside.log.info("api", "handing over",
                           {{"event_streams", Json(parts_->feed.streams())},
                            {"executions", Json(parts_->host->engine().in_memory())}});
  parts_->feed.end_streams();
  parts_->host->engine().hand_over();
}

Async<void> ApiProcess::drain() {
  Parts& parts = *parts_;
  parts.outside.log.info("api", "draining");
  parts.health.begin_drain();
  parts.server.begin_drain();
  co_await parts.outside.clock.sleep(parts.settings.drain_notice);
  parts.feed.begin_drain();
  co_await parts.server.stop(kRequestsLimit);
  co_await parts.host->drain(kHandOverLimit);
  co_await parts.metrics_server.stop(Duration{});
  parts.duties.stop();
  co_await parts.duties.join();
  co_await parts.host->close();
  parts.outside.log.info("api", "ended");
}

}  // namespace auterity::api
