#pragma once
// From what the store gives to an execution that can go on: its definition, the secrets that it may
// use, its state.
#include "core/clock.h"
#include "engine/execution/execution.h"
#include "engine/store/execution_store.h"
#include "engine/store/workflow_store.h"

namespace auterity::engine {

class ExecutionLoader {
 public:
  ExecutionLoader(WorkflowStore& workflows, SecretStore& secrets, std::string runtime_version)
      : workflows_(workflows), secrets_(secrets), runtime_version_(std::move(runtime_version)) {}

  Async<Result<SurroundingsPtr>> surroundings(Uuid id, DefinitionPtr definition,
                                              std::string traceparent);
  // Errors are those of the stores; a state that cannot be read is one of kind invalid_input or
  // not_ready.
  Async<Result<Execution>> load(ClaimedExecution claimed);

 private:
  WorkflowStore& workflows_;
  SecretStore& secrets_;
  std::string runtime_version_;
};

}  // namespace auterity::engine
