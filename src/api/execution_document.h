#pragma once
// An execution and its history as the API shows them.
#include "core/json.h"
#include "engine/store/execution_store.h"

namespace auterity::api {

JsonObject describe(const engine::ExecutionView& execution);
JsonObject describe(const engine::HistoryEvent& event);

}  // namespace auterity::api
