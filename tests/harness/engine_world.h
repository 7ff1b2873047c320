#pragma once
// What an Engine touches, in memory: for tests of the engine and for the simulation. Everything is
// deterministic; the workflow store holds parsed definitions, secrets are what the test says, the
// bus reaches every engine of the world at once, and effects are answered by a function.
#include <boost/asio/io_context.hpp>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/metrics.h"
#include "core/random.h"
#include "engine/executor/engine.h"
#include "engine/store/memory_execution_store.h"
#include "harness/event_loop.h"
#include "harness/inline_jq.h"
#include "harness/simulated_clock.h"

namespace auterity::harness {

class MemoryWorkflows final : public engine::WorkflowStore {
 public:
  // The id under which the definition in `text` can be started; a problem in it aborts.
  Uuid add(std::string_view text);
  bool hold = false;  // definitions are not answered, as by a database that hangs

  Async<Result<engine::PublishOutcome>> publish(engine::DefinitionPtr definition,
                                                std::string user_id) override;
  Async<Result<engine::WorkflowView>> find(Uuid id) override;
  Async<Result<engine::WorkflowView>> find_by_name(std::string name_space, std::string name,
                                                   std::string version) override;
  Async<Result<engine::DefinitionPtr>> definition(Uuid id) override;
  Async<Result<std::vector<engine::WorkflowView>>> list(std::optional<Uuid> before,
                                                        std::size_t limit) override;
  Async<Result<std::vector<engine::WorkflowView>>> versions(Uuid id) override;
  Async<Status> remove(Uuid id) override;

 private:
  std::map<Uuid, engine::DefinitionPtr> definitions_;
};

class MemorySecrets final : public engine::SecretStore {
 public:
  JsonObject values;

  Async<Status> put(std::string name, Json value, std::string user_id) override;
  Async<Status> remove(std::string name) override;
  Async<Result<std::vector<std::string>>> names() override;
  Async<Result<JsonObject>> resolve(std::vector<std::string> names) override;
};

class DirectBus final : public engine::WakeBus {
 public:
  void notify_ready() override;
  void notify_changed(Uuid execution) override;
  void on_ready(std::function<void()> handler) override;
  void on_changed(std::function<void(Uuid)> handler) override;
  // Forgets every handler: those who registered them are gone.
  void disconnect();

 private:
  std::vector<std::function<void()>> ready_;
  std::vector<std::function<void(Uuid)>> changed_;
};

class RecordingSink final : public engine::EventSink {
 public:
  std::vector<Json> events;
  bool lifecycle = true;

  Async<Status> deliver(Json cloud_event) override;
  bool wants_lifecycle() const override { return lifecycle; }
};

class ScriptedEffects final : public engine::EffectPerformer {
 public:
  using Answer = std::function<Async<engine::EffectOutcome>(engine::EffectRequest)>;
  Answer answer;  // the default echoes the arguments
  std::vector<engine::EffectRequest> requests;

  Async<engine::EffectOutcome> perform(engine::EffectRequest request) override;
};

// One machine with any number of engines on one store.
struct EngineWorld {
  explicit EngineWorld(std::uint64_t seed = 1) : random(seed) {}

  boost::asio::io_context loop;
  SimulatedClock clock{loop};
  SeededRandom random;
  SilentLog log;
  std::unique_ptr<Metrics> metrics = make_metrics();
  engine::MemoryExecutionStore store{clock};
  MemoryWorkflows workflows;
  MemorySecrets secrets;
  DirectBus bus;
  RecordingSink sink;
  ScriptedEffects effects;
  InlineJq evaluator;

  engine::EngineServices services();
  // The same on another store, usually a wrapper around `store`.
  engine::EngineServices services(engine::ExecutionStore& executions);
  static engine::EngineOptions options(std::string owner);
};

}  // namespace auterity::harness
