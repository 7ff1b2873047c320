#include "cli/local_engine.h"

#include <fmt/format.h>

#include "cli/evaluator_process.h"
#include "core/task_group.h"
#include "core/version.h"
#include "engine/executor/engine.h"
#include "engine/expression/evaluator_pool.h"
#include "engine/store/memory_execution_store.h"
#include "engine/tasks/fetch_resource.h"
#include "engine/tasks/http_call.h"

namespace auterity::cli {
namespace {

using engine::DefinitionPtr;

constexpr Duration kLongWait = std::chrono::hours(24 * 365);
// How long an interrupted execution may take to end its calls.
constexpr Duration kCloseLimit = std::chrono::seconds(2);

// The secrets of the command line; nothing can be added later.
class GivenSecrets final : public engine::SecretStore {
 public:
  explicit GivenSecrets(JsonObject secrets) : secrets_(std::move(secrets)) {}

  Async<Status> put(std::string, Json, std::string) override { co_return refused(); }
  Async<Status> remove(std::string) override { co_return refused(); }
  Async<Result<std::vector<std::string>>> names() override {
    std::vector<std::string> names;
    for (const auto& secret : secrets_) names.emplace_back(secret.key());
    co_return names;
  }
  Async<Result<JsonObject>> resolve(std::vector<std::string> names) override {
    JsonObject resolved;
    for (const std::string& name : names)
      if (const Json* value = secrets_.if_contains(name)) resolved[name] = *value;
    co_return resolved;
  }

 private:
  static std::unexpected<Error> refused() {
    return fail(ErrorKind::forbidden, "secrets of `auterity run` come from its arguments alone",
                "pass them with --secret");
  }

  JsonObject secrets_;
};

// The one definition that runs, under a fixed id.
class OneWorkflow final : public engine::WorkflowStore {
 public:
  void set(Uuid id, DefinitionPtr definition) {
    id_ = id;
    definition_ = std::move(definition);
  }

  Async<Result<engine::PublishOutcome>> publish(DefinitionPtr, std::string) override {
    co_return absent();
  }
  Async<Result<engine::WorkflowView>> find(Uuid) override { co_return absent(); }
  Async<Result<engine::WorkflowView>> find_by_name(std::string, std::string, std::string) override {
    co_return absent();
  }
  Async<Result<DefinitionPtr>> definition(Uuid id) override {
    if (id != id_) co_return absent();
    co_return definition_;
  }
  Async<Result<std::vector<engine::WorkflowView>>> list(std::optional<Uuid>, std::size_t) override {
    co_return std::vector<engine::WorkflowView>();
  }
  Async<Result<std::vector<engine::WorkflowView>>> versions(Uuid) override { co_return absent(); }
  Async<Status> remove(Uuid) override { co_return absent(); }

 private:
  static std::unexpected<Error> absent() {
    return fail(ErrorKind::not_found,
                "`auterity run` knows the definition that it runs and no other",
                "publish definitions to a platform: auterity up");
  }

  Uuid id_;
  DefinitionPtr definition_;
};

// Nobody else is there to be woken.
class QuietBus final : public engine::WakeBus {
 public:
  void notify_ready() override {}
  void notify_changed(Uuid) override {}
  void on_ready(std::function<void()>) override {}
  void on_changed(std::function<void(Uuid)>) override {}
};

class LifecycleSink final : public engine::EventSink {
 public:
  explicit LifecycleSink(std::function<void(const Json&)> on_lifecycle)
      : on_lifecycle_(std::move(on_lifecycle)) {}

  Async<Status> deliver(Json event) override {
    // Those that the workflow itself emits are their task's output as well.
    if (string_or(find_member(event, "type"), "").starts_with("io.serverlessworkflow."))
      on_lifecycle_(event);
    co_return Status();
  }
  bool wants_lifecycle() const override { return true; }

 private:
  std::function<void(const Json&)> on_lifecycle_;
};

std::unique_ptr<engine::EffectPerformer> make_effects(World& world, HttpClient& http,
                                                      engine::EventSink& events,
                                                      std::filesystem::path folder) {
  std::map<engine::EffectKind, std::unique_ptr<engine::EffectPerformer>> performers;
  performers.emplace(engine::EffectKind::call_http, engine::make_http_call_performer(http));
  performers.emplace(engine::EffectKind::emit, engine::make_emit_performer(events));
  performers.emplace(engine::EffectKind::fetch_resource,
                     engine::make_fetch_resource_performer(
                         http, engine::LocalResources{world.files, std::move(folder)}));
  return std::make_unique<engine::EffectRouter>(std::move(performers));
}

}  // namespace

struct LocalEngine::Parts {
  Parts(World& outside, LocalEngineOptions options)
      : world(outside),
        evaluator(engine::make_evaluator_pool(world.executor, world.clock,
                                              {.command = evaluator_command()})),
        executions(world.clock),
        secrets(std::move(options.secrets)),
        events(std::move(options.on_lifecycle)),
        http(make_overriding_http_client(world.http, world.clock, std::move(options.overrides))),
        effects(make_effects(world, *http, events, std::move(options.folder))),
        engine(engine::make_engine({.executor = world.executor,
                                    .clock = world.clock,
                                    .random = world.random,
                                    .log = world.log,
                                    .metrics = world.metrics,
                                    .effects = *effects,
                                    .evaluator = *evaluator,
                                    .executions = executions,
                                    .workflows = workflows,
                                    .secrets = secrets,
                                    .bus = bus,
                                    .events = events},
                                   {.owner = "run",
                                    .claims = false,
                                    .short_wait = kLongWait,
                                    .runtime_version = std::string(version())})),
        tasks(world.executor, "local engine", [this](std::string_view task, std::exception_ptr) {
          world.log.error("cli", "a background task of the engine ended", {{"task", Json(task)}});
        }) {}

  World& world;
  std::unique_ptr<engine::EvaluatorPool> evaluator;
  engine::MemoryExecutionStore executions;
  OneWorkflow workflows;
  GivenSecrets secrets;
  QuietBus bus;
  LifecycleSink events;
  std::unique_ptr<HttpClient> http;
  std::unique_ptr<engine::EffectPerformer> effects;
  std::unique_ptr<engine::Engine> engine;
  TaskGroup tasks;
  std::optional<Uuid> running;
};

LocalEngine::LocalEngine(World& world, LocalEngineOptions options)
    : parts_(std::make_unique<Parts>(world, std::move(options))) {}

LocalEngine::~LocalEngine() = default;

engine::Evaluator& LocalEngine::evaluator() { return *parts_->evaluator; }

Async<Result<engine::ExecutionView>> LocalEngine::execute(DefinitionPtr definition, Json input,
                                                          std::optional<Duration> limit) {
  Parts& parts = *parts_;
  parts.tasks.spawn("engine", parts.engine->run());
  const Uuid workflow = make_uuid(parts.world.clock.now(), parts.world.random);
  parts.workflows.set(workflow, definition);
  AUTERITY_CO_TRY(created, co_await parts.engine->start({.workflow_id = workflow,
                                                         .definition = definition,
                                                         .input = std::move(input),
                                                         .trigger = "cli",
                                                         .started_by = {},
                                                         .traceparent = {}}));
  parts.running = created.id;
  co_return co_await parts.engine->wait(created.id, limit.value_or(kLongWait));
}

Async<void> LocalEngine::close() {
  Parts& parts = *parts_;
  if (parts.running) {
    // Refused when it has ended, which is as good.
    [[maybe_unused]] const Status cancelled =
        co_await parts.engine->request(*parts.running, engine::ControlAction::cancel);
    [[maybe_unused]] const auto ended = co_await parts.engine->wait(*parts.running, kCloseLimit);
  }
  co_await parts.engine->drain(kCloseLimit);
  parts.tasks.stop();
  co_await parts.tasks.join();
  co_await parts.evaluator->stop();
}

}  // namespace auterity::cli
