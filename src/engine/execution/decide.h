#pragma once
// The pure core: decide() says what an execution wants, apply() what an event makes of it. Both are
// functions of their arguments alone, so that an execution that is resumed, replayed or simulated
// goes the same way. A turn is bounded (ExecutionLimits): when pure work is left, decide() asks for
// Advance. Events for activations that are gone or await something else change nothing.
#include <expected>
#include <vector>

#include "core/time.h"
#include "engine/execution/command.h"
#include "engine/execution/event.h"
#include "engine/execution/execution.h"
#include "engine/expression/evaluator.h"

namespace auterity::engine {

std::vector<Command> decide(const Execution& execution, Time now);
Execution apply(Execution execution, const Event& event);

// What the command Evaluate is about. `data` outlives the execution's next change.
struct Evaluation {
  const Template* what = nullptr;  // of the definition
  Value data;
  Arguments arguments;  // only those that the template's expressions refer to
};
// The error of a secret that is not there is already the answer.
std::expected<Evaluation, WorkflowError> evaluation_of(const Execution& execution,
                                                       ActivationId activation);

struct Validation {
  const Schema* schema = nullptr;  // of the definition
  Value data;
  std::string instance;  // pointer for the error
  const Task* task = nullptr;
};
Validation validation_of(const Execution& execution, ActivationId activation);

EffectRequest effect_of(const Execution& execution, ActivationId activation);
// "<execution>:<activation>:<attempt>": the same however often the effect is performed, never used
// for another.
std::string effect_key(const Execution& execution, const Activation& activation);

}  // namespace auterity::engine
