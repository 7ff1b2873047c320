#include "engine/expression/evaluator_pool.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "engine/expression/evaluation.h"
#include "engine/expression/evaluator_scheduler.h"
#include "engine/expression/native.h"

namespace auterity::engine {
namespace {

using Problems = std::map<std::uint32_t, std::string>;  // by expression

// Says which expression a failure is about that befell a whole evaluation.
Error about_expression(Error error, const ExpressionSet& set, const Template& value,
                       const std::vector<std::size_t>& leaves) {
  if (error.kind != ErrorKind::failed && error.kind != ErrorKind::timeout) return error;
  const Expression& first = set.expressions()[value.leaves()[leaves.front()].second];
  std::string why = std::move(error.message);
  if (leaves.size() > 1) why = fmt::format("together with {} others, {}", leaves.size() - 1, why);
  error.message = expression_error(first, why).message;
  return error;
}

void find_unknown_names(const Definition& definition, Problems& problems) {
  auto names = bindable_names(definition);
  for (const Expression& expression : definition.expressions->expressions()) {
    for (const std::string& name : expression.variables) {
      if (std::ranges::binary_search(names, name) ||
          std::ranges::binary_search(expression.rebound, name))
        continue;
      problems.emplace(
          expression.index,
          fmt::format("${} is not defined: no argument, loop variable or caught error of this "
                      "workflow has that name",
                      name));
    }
  }
}

// An evaluate request without expressions: answered once the program is compiled.
std::string empty_request() {
  protocol::Writer writer;
  writer.byte(protocol::evaluate);
  writer.f64(0);
  writer.u32(0);
  writer.u32(0);
  writer.tag(protocol::Tag::null);
  return std::move(writer).frame();
}

class Pool final : public EvaluatorPool {
 public:
  Pool(Executor executor, Clock& clock, EvaluatorOptions options)
      : clock_(clock),
        options_(std::move(options)),
        limits_{options_.max_data_bytes, options_.max_result_bytes, options_.max_depth},
        scheduler_(std::move(executor), clock, options_) {}

  Async<Result<Json>> evaluate(DefinitionPtr definition, const Template& value, const Json& data,
                               const Arguments& arguments) override {
    const ExpressionSet& set = *definition->expressions;
    if (auto result = evaluate_natively(set, value, data, arguments)) co_return std::move(*result);
    auto queue = scheduler_.find_queue(set, 0, set.expressions().size(), limits_);
    auto evaluation =
        prepare_evaluation(set, queue->program, value, data, arguments, clock_.now(), limits_);
    if (!evaluation || evaluation->frame.empty()) {
      scheduler_.forget_if_unused(*queue);
      if (!evaluation) co_return std::unexpected(std::move(evaluation).error());
      co_return std::move(evaluation->value);
    }
    auto results =
        co_await scheduler_.submit(queue, std::move(evaluation->frame), evaluation->leaves.size());
    if (!results) {
      co_return std::unexpected(
          about_expression(std::move(results).error(), set, value, evaluation->leaves));
    }
    co_return finish_evaluation(set, value, std::move(*evaluation), std::move(results->outcomes));
  }

  Async<Result<std::vector<ExpressionProblem>>> check(DefinitionPtr definition) override {
    const ExpressionSet& set = *definition->expressions;
    Problems found;
    find_unknown_names(*definition, found);
    AUTERITY_CO_CHECK(co_await compile(set, 0, set.expressions().size(), found));
    std::vector<ExpressionProblem> problems;
    for (auto& [index, message] : found) {
      const Expression& expression = set.expressions()[index];
      if (!expression.lenient) problems.push_back({expression.pointer, std::move(message)});
    }
    co_return problems;
  }

  EvaluatorStatistics statistics() const override { return scheduler_.statistics(); }
  std::vector<int> process_ids() const override { return scheduler_.process_ids(); }
  Async<void> stop() override { return scheduler_.stop(); }

 private:
  // Adds the problems of these expressions. Where compiling itself kills the evaluator, halves tell
  // which expression does it.
  Async<Result<void>> compile(const ExpressionSet& set, std::size_t first, std::size_t last,
                              Problems& found) {
    auto queue = scheduler_.find_queue(set, first, last, limits_);
    const auto& expressions = queue->program.expressions;
    if (expressions.empty()) {
      scheduler_.forget_if_unused(*queue);
      co_return Result<void>();
    }
    auto results = co_await scheduler_.submit(queue, empty_request(), 0);
    if (results) {
      for (const auto& [slot, why] : queue->not_jq) {
        if (slot < expressions.size()) found.emplace(expressions[slot], why);
      }
      co_return Result<void>();
    }
    bool is_its_fault =
        results.error().kind == ErrorKind::failed || results.error().kind == ErrorKind::timeout;
    if (!is_its_fault) co_return std::unexpected(std::move(results).error());
    if (expressions.size() == 1) {
      found.emplace(expressions.front(), results.error().message);
      co_return Result<void>();
    }
    std::size_t middle = first + (last - first) / 2;
    AUTERITY_CO_CHECK(co_await compile(set, first, middle, found));
    co_return co_await compile(set, middle, last, found);
  }

  Clock& clock_;
  const EvaluatorOptions options_;
  const EvaluationLimits limits_;
  EvaluatorScheduler scheduler_;
};

}  // namespace

std::unique_ptr<EvaluatorPool> make_evaluator_pool(Executor executor, Clock& clock,
                                                   EvaluatorOptions options) {
  return std::make_unique<Pool>(std::move(executor), clock, std::move(options));
}

}  // namespace auterity::engine
