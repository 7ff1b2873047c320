#include "engine/expression/native.h"

namespace auterity::engine {
namespace {

class NativeEvaluator final : public Evaluator {
 public:
  Async<Result<Json>> evaluate(DefinitionPtr definition, const Template& value, const Json& data,
                               const Arguments& arguments) override {
    const ExpressionSet& set = *definition->expressions;
    if (auto result = evaluate_natively(set, value, data, arguments)) co_return std::move(*result);
    for (const auto& [pointer, index] : value.leaves()) {
      const Expression& expression = set.expressions()[index];
      if (expression.native) continue;
      co_return std::unexpected(
          expression_error(expression, "it needs jq, which is not at hand here"));
    }
    co_return value.value();
  }

  Async<Result<std::vector<ExpressionProblem>>> check(DefinitionPtr) override {
    co_return std::vector<ExpressionProblem>{};
  }
};

}  // namespace

std::unique_ptr<Evaluator> make_native_evaluator() { return std::make_unique<NativeEvaluator>(); }

}  // namespace auterity::engine
