#pragma once
// Beginning again in the middle: a finished or suspended execution is cut back to one of its main
// tasks, which then gets the raw input and meets the context that it had. Only tasks of the main
// list can be chosen: below it an iteration or branch would be ambiguous.
#include <string_view>

#include "core/error.h"
#include "engine/execution/execution.h"

namespace auterity::engine {

// Remembers that `task` of the main list starts on `raw_input` now.
void leave_trail(Execution& execution, const Task& task, const Value& raw_input);

// The execution as it was just before it started the task with pointer `from`; empty: as if it had
// not begun. Numbers of facts and activations go on from where they were, so that keys of effects
// are never used again. Errors: invalid_input (no such task in the main list), not_ready (the task
// never started, or what it got is no longer kept).
Result<Execution> cut_back(Execution execution, std::string_view from, Time now);

}  // namespace auterity::engine
