#include "api/process/engine_host.h"

#include <fmt/format.h>

#include "api/process/local_wake_bus.h"
#include "core/uuid.h"
#include "core/version.h"
#include "engine/executor/effects.h"
#include "engine/tasks/fetch_resource.h"
#include "engine/tasks/http_call.h"

namespace auterity::api {
namespace {

constexpr std::size_t kBlockingThreads = 2;

// What `emit` sends is in the execution's history; nobody listens to more in this build.
class HistoryOnlySink final : public engine::EventSink {
 public:
  Async<Status> deliver(Json) override { co_return Status{}; }
};

std::unique_ptr<engine::EffectPerformer> make_effects(HttpClient& http, engine::EventSink& events) {
  std::map<engine::EffectKind, std::unique_ptr<engine::EffectPerformer>> performers;
  performers[engine::EffectKind::call_http] = engine::make_http_call_performer(http);
  performers[engine::EffectKind::emit] = engine::make_emit_performer(events);
  performers[engine::EffectKind::fetch_resource] =
      engine::make_fetch_resource_performer(http, std::nullopt);
  return std::make_unique<engine::EffectRouter>(std::move(performers));
}

}  // namespace

Result<std::unique_ptr<EngineHost>> EngineHost::make(Outside outside,
                                                     const ProcessSettings& settings, bool claims) {
  AUTERITY_TRY(box, engine::SecretBox::from_key(settings.secrets_key));
  if (!outside.files.exists(settings.objects_folder))
    return fail(ErrorKind::not_ready, "the folder of AUTERITY_OBJECTS does not exist",
                "create it, readable and writable for this process alone");
  std::unique_ptr<EngineHost> host(new EngineHost(std::move(outside), settings));
  host->make_stores(settings, std::move(box));
  host->make_engine(settings, claims);
  return host;
}

EngineHost::EngineHost(Outside outside, const ProcessSettings& settings)
    : outside_(std::move(outside)), blocking_(kBlockingThreads) {
  const Uuid run = make_uuid(outside_.clock.now(), outside_.random);
  owner_ = settings.colour.empty()
               ? fmt::format("{}#{}", settings.instance, to_text(run))
               : fmt::format("{}@{}#{}", settings.instance, settings.colour, to_text(run));
}

EngineHost::~EngineHost() { blocking_.join(); }

void EngineHost::make_stores(const ProcessSettings& settings, engine::SecretBox box) {
  data::DatabaseOptions options;
  options.url = settings.database_url;
  options.application_name = fmt::format("auterity {}", settings.instance);
  options.max_connections = settings.database_connections;
  database_ =
      data::open_database(outside_.executor, outside_.clock, outside_.log, std::move(options));
  objects_ = data::open_folder_object_store(settings.objects_folder, blocking_.get_executor());
  if (settings.redis_url.empty()) {
    bus_ = std::make_unique<LocalWakeBus>(outside_.executor);
  } else {
    redis_ = data::open_redis(outside_.executor, outside_.clock, outside_.log,
                              {.url = settings.redis_url});
    auto bus = std::make_unique<engine::RedisWakeBus>(outside_.executor, *redis_, outside_.clock,
                                                      outside_.log, outside_.random);
    redis_bus_ = bus.get();
    bus_ = std::move(bus);
  }
  engine::ExecutionStoreOptions store;
  store.partitions.keep = std::chrono::hours(24 * settings.retention_days);
  executions_ = std::make_unique<engine::PostgresExecutionStore>(
      outside_.executor, *database_, *objects_, outside_.clock, outside_.log, outside_.metrics,
      store);
  workflows_ = std::make_unique<engine::PostgresWorkflowStore>(outside_.executor, *database_,
                                                               outside_.clock, outside_.random);
  secrets_ = std::make_unique<engine::PostgresSecretStore>(*database_, outside_.clock,
                                                           outside_.random, std::move(box));
}

void EngineHost::make_engine(const ProcessSettings& settings, bool claims) {
  engine::EvaluatorOptions evaluator;
  evaluator.command = outside_.evaluator_command;
  evaluator_ = engine::make_evaluator_pool(outside_.executor, outside_.clock, std::move(evaluator));
  events_ = std::make_unique<HistoryOnlySink>();
  effects_ = make_effects(outside_.http, *events_);
  engine::EngineOptions options;
  options.owner = owner_;
  options.max_in_place = settings.in_place;
  options.claims = claims;
  options.runtime_version = version();
  engine_ = engine::make_engine({.executor = outside_.executor,
                                 .clock = outside_.clock,
                                 .random = outside_.random,
                                 .log = outside_.log,
                                 .metrics = outside_.metrics,
                                 .effects = *effects_,
                                 .evaluator = *evaluator_,
                                 .executions = *executions_,
                                 .workflows = *workflows_,
                                 .secrets = *secrets_,
                                 .bus = *bus_,
                                 .events = *events_},
                                std::move(options));
}

void EngineHost::start(TaskGroup& group) {
  group.spawn("engine", engine_->run());
  if (redis_bus_) group.spawn("wake-up bus", redis_bus_->run());
}

Async<void> EngineHost::drain(Duration limit) { return engine_->drain(limit); }

Async<void> EngineHost::close() {
  co_await evaluator_->stop();
  co_await executions_->close();
  if (redis_bus_) co_await redis_bus_->idle();
  if (redis_) co_await redis_->close();
  co_await database_->close();
}

}  // namespace auterity::api
