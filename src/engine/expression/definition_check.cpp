#include "engine/expression/definition_check.h"

namespace auterity::engine {

Async<Result<CheckedDefinition>> check_definition(Evaluator& evaluator, std::string text) {
  CheckedDefinition checked;
  auto parsed = parse_definition(text);
  if (!parsed) {
    checked.problems = std::move(parsed).error();
    co_return checked;
  }
  checked.definition = std::move(*parsed);
  AUTERITY_CO_TRY(found, co_await evaluator.check(checked.definition));
  for (ExpressionProblem& problem : found) {
    checked.problems.push_back({.line = find_line(text, problem.pointer),
                                .pointer = std::move(problem.pointer),
                                .message = std::move(problem.message)});
  }
  co_return checked;
}

}  // namespace auterity::engine
