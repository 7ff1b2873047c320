#include "api/process/worker_process.h"

#include "api/auth/token_store.h"
#include "api/files/file_store.h"
#include "api/files/file_sweep.h"
#include "api/http_server/http_server.h"
#include "api/metrics_page/metrics_application.h"
#include "api/process/duty.h"
#include "api/process/process_end.h"
#include "api/process/process_metrics.h"
#include "api/process/ready_signal.h"
#include "api/process/schema_range.h"
#include "core/version.h"
#include "data/migrations.h"
#include "engine/scheduler/scheduler.h"
#include "engine/store/postgres_schedule_store.h"
#include "engine/store/wake_reason_checker.h"

namespace auterity::api {
namespace {

constexpr Duration kHandOverLimit = std::chrono::seconds(25);
constexpr Duration kSchemaWait = std::chrono::seconds(1);

template <typename T>
Status without_value(const Result<T>& result) {
  if (!result) return std::unexpected(result.error());
  return {};
}

}  // namespace

struct WorkerProcess::Parts {
  Parts(std::unique_ptr<EngineHost> engine_host, ProcessSettings process_settings)
      : settings(std::move(process_settings)),
        host(std::move(engine_host)),
        outside(host->outside()),
        schedules(host->database()),
        leaderships(host->database(), outside.clock),
        scheduler(
            {outside.clock, outside.log, outside.metrics, schedules, host->workflows(), leaderships,
             [this](engine::StartRequest request) {
               return host->engine().start(std::move(request));
             }},
            {.holder = host->owner()}),
        wake_checker(host->database(), outside.clock, outside.log, outside.metrics),
        tokens(host->database()),
        files(host->database()),
        file_sweep(files, host->objects()),
        process_metrics(outside.metrics, host->database(), outside.clock, settings.colour),
        metrics_page(
            outside.metrics, outside.clock, [] { return std::vector<ListenAddress>(); },
            [this] { process_metrics.update(); }),
        metrics_application(metrics_page),
        metrics_server(
            {outside.executor, outside.clock, outside.log,
             outside.metrics.gauge("metrics_connections", "Open connections of monitors.")},
            metrics_application),
        end(outside.executor, outside.log, "worker"),
        duties(
            outside.executor, "worker duties",
            [this](std::string_view task, std::exception_ptr error) { end.broke(task, error); }) {}

  Async<Status> keep_partitions() {
    co_return without_value(co_await host->executions().partitions().run_once());
  }
  Async<Status> check_wake_reasons() { co_return without_value(co_await wake_checker.run_once()); }
  Async<Status> remove_expired_tokens() {
    co_return without_value(co_await tokens.remove_expired(outside.clock.now()));
  }
  Async<Status> sweep_files() { co_return without_value(co_await file_sweep.run_once()); }

  void spawn_duties() {
    const auto spawn = [this](std::string name, Duration interval,
                              Async<Status> (Parts::*run_once)()) {
      duties.spawn(name, repeat(outside.clock, outside.log, {name, interval, [this, run_once] {
                                                               return (this->*run_once)();
                                                             }}));
    };
    spawn("partitions", std::chrono::hours(1), &Parts::keep_partitions);
    spawn("wake reasons", std::chrono::minutes(1), &Parts::check_wake_reasons);
    spawn("expired tokens", std::chrono::hours(1), &Parts::remove_expired_tokens);
    spawn("removed files", std::chrono::minutes(10), &Parts::sweep_files);
    duties.spawn("scheduler", scheduler.run());
  }

  // Without the schema every query would fail; a worker may be started before it is migrated.
  Async<void> wait_for_schema();

  ProcessSettings settings;
  std::unique_ptr<EngineHost> host;
  const Outside& outside;
  engine::PostgresScheduleStore schedules;
  engine::PostgresLeadershipStore leaderships;
  engine::Scheduler scheduler;
  engine::WakeReasonChecker wake_checker;
  TokenStore tokens;
  FileStore files;
  FileSweep file_sweep;
  ProcessMetrics process_metrics;
  MetricsPage metrics_page;
  MetricsApplication metrics_application;
  HttpServer metrics_server;
  ProcessEnd end;
  TaskGroup duties;
};

Async<void> WorkerProcess::Parts::wait_for_schema() {
  const SchemaRange range = accepted_schema_revisions();
  bool told = false;
  while (true) {
    const auto revision = co_await data::applied_revision(host->database());
    if (revision && *revision >= range.oldest && *revision <= range.newest) co_return;
    if (!told)
      outside.log.warning(
          "worker", "waiting for the database and its schema",
          {{"reason", Json(revision ? "the schema has another revision than this version works with"
                                    : revision.error().message)}});
    told = true;
    co_await outside.clock.sleep(kSchemaWait);
  }
}

WorkerProcess::WorkerProcess() = default;
WorkerProcess::~WorkerProcess() = default;

Result<std::unique_ptr<WorkerProcess>> WorkerProcess::make(Outside outside,
                                                           ProcessSettings settings) {
  AUTERITY_TRY(host, EngineHost::make(std::move(outside), settings, true));
  std::unique_ptr<WorkerProcess> process(new WorkerProcess());
  process->parts_ = std::make_unique<Parts>(std::move(host), std::move(settings));
  return process;
}

Status WorkerProcess::listen() {
  if (!parts_->settings.metrics_listen) return {};
  return parts_->metrics_server.listen(*parts_->settings.metrics_listen);
}

namespace {

// The work begins when the schema is there; being asked to stop does not wait for that.
Async<void> begin_work(std::function<Async<void>()> wait_for_schema, std::function<void()> begin) {
  co_await wait_for_schema();
  begin();
}

}  // namespace

Async<Status> WorkerProcess::run(Async<void> stop) {
  Parts& parts = *parts_;
  Log& log = parts.outside.log;
  parts.duties.spawn("start", begin_work([&parts] { return parts.wait_for_schema(); },
                                         [&parts, &log] {
                                           parts.host->start(parts.duties);
                                           parts.spawn_duties();
                                           signal_ready(parts.settings.ready_descriptor);
                                           log.info("worker", "ready",
                                                    {{"version", Json(version())}});
                                         }));
  const Status ended = co_await parts.end.wait(parts.duties, std::move(stop));
  log.info("worker", "draining");
  co_await parts.host->drain(kHandOverLimit);
  const Status ignored = co_await parts.scheduler.resign();
  parts.duties.stop();
  co_await parts.duties.join();
  co_await parts.metrics_server.stop(Duration{});
  co_await parts.host->close();
  log.info("worker", "ended");
  co_return ended;
}

}  // namespace auterity::api
