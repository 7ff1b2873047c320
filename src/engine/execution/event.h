#pragma once
// What can happen to an execution. Events are the only way into apply(): each carries the time and
// fresh random bits, so that apply() itself needs neither clock nor random numbers. They are
// transient; what they change is in the execution's state.
#include <cstdint>
#include <expected>
#include <string>
#include <variant>

#include "core/time.h"
#include "engine/execution/value.h"
#include "engine/execution/workflow_error.h"

namespace auterity::engine {

using ActivationId = std::uint64_t;

// The first event of every execution.
struct Started {};
// The answer to the command Evaluate.
struct Evaluated {
  ActivationId activation = 0;
  std::expected<Json, WorkflowError> result;
};
// The answer to the command Validate: nothing wrong, or the error to raise.
struct Validated {
  ActivationId activation = 0;
  std::expected<void, WorkflowError> result;
};
// The outcome of the command StartEffect.
struct EffectEnded {
  ActivationId activation = 0;
  std::expected<Json, WorkflowError> result;
};
// Time has passed: timers that are due fire, and pure work that was interrupted goes on. The answer
// to Advance and SleepUntil.
struct Tick {};
struct CancelRequested {};
struct SuspendRequested {};
struct ResumeRequested {};
// The workflow is ended by the engine itself: a bug, or a state over its limits.
struct Broken {
  WorkflowError error;
};

struct Event {
  Time at;
  std::uint64_t draw = 0;
  std::variant<Started, Evaluated, Validated, EffectEnded, Tick, CancelRequested, SuspendRequested,
               ResumeRequested, Broken>
      what;
};

}  // namespace auterity::engine
