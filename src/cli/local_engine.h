#pragma once
// The engine for one execution in this process: the same Engine as the platform's, on a store in
// memory. Purpose: everything that `auterity run` must build and take down again. Not here:
// arguments, output, progress.
#include <filesystem>
#include <functional>
#include <memory>
#include <vector>

#include "cli/world.h"
#include "core/endpoint_overrides.h"
#include "core/json.h"
#include "engine/definition/definition.h"
#include "engine/expression/evaluator.h"
#include "engine/store/execution_store.h"

namespace auterity::cli {

struct LocalEngineOptions {
  JsonObject secrets;
  std::vector<EndpointOverride> overrides;
  std::filesystem::path folder;  // of the definition: where relative resources are
  // Called for each lifecycle event, in order of occurrence; never for events that a workflow
  // emits.
  std::function<void(const Json& cloud_event)> on_lifecycle;
};

class LocalEngine {
 public:
  LocalEngine(World& world, LocalEngineOptions options);
  ~LocalEngine();
  LocalEngine(const LocalEngine&) = delete;
  LocalEngine& operator=(const LocalEngine&) = delete;

  // What expressions are checked with before anything runs.
  engine::Evaluator& evaluator();
  // Runs it to its end or for `limit`; the answer's status says which. Cancelling the caller leaves
  // the execution to close().
  Async<Result<engine::ExecutionView>> execute(engine::DefinitionPtr definition, Json input,
                                               std::optional<Duration> limit);
  // Cancels what still runs and ends every process. Must have completed before destruction.
  Async<void> close();

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace auterity::cli
