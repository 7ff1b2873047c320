#pragma once
// Lifecycle events as the DSL defines them: a fact of an execution's history as a CloudEvent 1.0.
#include <optional>

#include "engine/definition/definition.h"
#include "engine/store/execution_store.h"

namespace auterity::engine {

// nullopt for facts that the DSL has no event for. The id is "<execution>:<number>", so that a
// repetition can be told.
std::optional<Json> to_cloud_event(const HistoryEvent& fact, const Definition& definition,
                                   const Uuid& execution);

}  // namespace auterity::engine
