#pragma once
// jq for tests of the engine's core: evaluates templates in this process, at once and without any
// protection. Never for anything but programs that a test wrote itself.
#include "engine/definition/definition.h"
#include "engine/expression/evaluator.h"

namespace auterity::harness {

Result<Json> evaluate_inline(const engine::ExpressionSet& set, const engine::Template& value,
                             const Json& data, const engine::Arguments& arguments);

// The same as an Evaluator; its check() finds nothing.
class InlineJq final : public engine::Evaluator {
 public:
  Async<Result<Json>> evaluate(engine::DefinitionPtr definition, const engine::Template& value,
                               const Json& data, const engine::Arguments& arguments) override;
  Async<Result<std::vector<engine::ExpressionProblem>>> check(
      engine::DefinitionPtr definition) override;
};

}  // namespace auterity::harness
