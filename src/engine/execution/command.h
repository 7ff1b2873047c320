#pragma once
// What an execution wants from the world. decide() answers everything that is wanted now, whether
// or not it was asked for before: the executor starts what it has not started yet and stops what is
// no longer wanted, so nothing has to be remembered across a crash.
#include <cstdint>
#include <variant>
#include <vector>

#include "core/time.h"
#include "engine/execution/event.h"
#include "engine/executor/effects.h"

namespace auterity::engine {

// Evaluate evaluation_of(execution, activation); answer with Evaluated.
struct Evaluate {
  ActivationId activation = 0;
};
// Check validation_of(execution, activation); answer with Validated.
struct Validate {
  ActivationId activation = 0;
};
// Perform effect_of(execution, activation) once everything before it is durable; answer with
// EffectEnded.
struct StartEffect {
  ActivationId activation = 0;
  EffectKind kind = EffectKind::call_http;
};
// Pure work is left or a timer is due: give the event loop a turn, then answer with Tick.
struct Advance {};
// The earliest timer, later than now; answer with Tick at that time.
struct SleepUntil {
  Time time;
};
// The execution has ended; save it for the last time.
struct Finish {};

using Command = std::variant<Evaluate, Validate, StartEffect, Advance, SleepUntil, Finish>;

}  // namespace auterity::engine
