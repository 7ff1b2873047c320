#include "engine/executor/execution_loader.h"

#include <algorithm>

#include "engine/execution/execution_json.h"

namespace auterity::engine {

Async<Result<SurroundingsPtr>> ExecutionLoader::surroundings(Uuid id, DefinitionPtr definition,
                                                             std::string traceparent) {
  auto surroundings = std::make_shared<Surroundings>();
  surroundings->id = id;
  surroundings->definition = std::move(definition);
  surroundings->runtime_version = runtime_version_;
  surroundings->traceparent = std::move(traceparent);
  if (!surroundings->definition->secrets.empty()) {
    AUTERITY_CO_TRY(values, co_await secrets_.resolve(surroundings->definition->secrets));
    surroundings->secrets = std::move(values);
  }
  co_return SurroundingsPtr(std::move(surroundings));
}

Async<Result<Execution>> ExecutionLoader::load(ClaimedExecution claimed) {
  AUTERITY_CO_TRY(definition, co_await workflows_.definition(claimed.workflow_id));
  AUTERITY_CO_TRY(surroundings, co_await this->surroundings(claimed.id, std::move(definition),
                                                            std::move(claimed.traceparent)));
  Value input = make_value(std::move(claimed.input));
  if (claimed.state.empty()) {
    Execution execution = make_execution(std::move(surroundings), std::move(input));
    execution.last_event = claimed.last_event;
    co_return execution;
  }
  AUTERITY_CO_TRY(execution, read_state(claimed.state, std::move(surroundings), std::move(input)));
  execution.last_event = std::max(execution.last_event, claimed.last_event);
  co_return std::move(execution);
}

}  // namespace auterity::engine
