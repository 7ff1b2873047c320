#pragma once
// Answers what an execution asks that is no effect: evaluations by the evaluator's processes,
// validations by schemas (fetched first when they are external). Trouble of the infrastructure is
// tried again a few times before it becomes the workflow's.
#include "core/clock.h"
#include "engine/execution/decide.h"
#include "engine/executor/effects.h"
#include "engine/executor/schema_cache.h"
#include "engine/expression/evaluator.h"

namespace auterity::engine {

class Interpreter {
 public:
  Interpreter(Evaluator& evaluator, SchemaCache& schemas, EffectPerformer& effects, Clock& clock)
      : evaluator_(evaluator), schemas_(schemas), effects_(effects), clock_(clock) {}

  // Nothing is thrown but cancellation: an exception on the way is a `runtime` error of the
  // workflow.
  Async<Evaluated> evaluate(const Execution& execution, ActivationId activation);
  Async<Validated> validate(const Execution& execution, ActivationId activation);

 private:
  Async<std::expected<Json, WorkflowError>> evaluate(DefinitionPtr definition, const Template& what,
                                                     Value data, Arguments arguments);
  Async<std::expected<JsonSchemaPtr, WorkflowError>> compiled(const Execution& execution,
                                                              const Validation& validation);
  Async<std::expected<Json, WorkflowError>> fetch(const Execution& execution,
                                                  const Validation& validation);

  Evaluator& evaluator_;
  SchemaCache& schemas_;
  EffectPerformer& effects_;
  Clock& clock_;
};

}  // namespace auterity::engine
