#include "engine/expression/evaluation.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "engine/expression/native.h"

namespace auterity::engine {
namespace {

std::unexpected<Error> too_much(const EvaluationLimits& limits) {
  return fail(
      ErrorKind::too_large,
      fmt::format(
          "the data of an expression is larger than {} bytes or nested deeper than {} levels",
          limits.max_data_bytes, limits.max_depth),
      "keep large payloads out of expressions, or split the work over several tasks");
}

// The arguments that these expressions need, by name; an error for one that is not to be had.
class ArgumentCollector {
 public:
  explicit ArgumentCollector(const Arguments& arguments) : arguments_(arguments) {}

  Result<void> add(const Expression& expression) {
    for (const std::string& name : expression.variables) {
      if (const Json* value = find_argument(arguments_, name)) {
        found_[name] = value;
      } else if (!std::ranges::binary_search(expression.rebound, name)) {
        return std::unexpected(unavailable_argument(expression, name));
      }
    }
    return {};
  }
  const std::map<std::string, const Json*>& found() const { return found_; }

 private:
  const Arguments& arguments_;
  std::map<std::string, const Json*> found_;
};

Result<std::string> encode(const Program& program, const std::vector<std::uint32_t>& slots,
                           const ArgumentCollector& arguments, const Json& data, Time now,
                           const EvaluationLimits& limits) {
  protocol::Writer writer;
  writer.byte(protocol::evaluate);
  writer.f64(static_cast<double>(to_epoch_microseconds(now)) / 1e6);
  writer.u32(static_cast<std::uint32_t>(slots.size()));
  for (std::uint32_t slot : slots) writer.u32(slot);
  writer.u32(static_cast<std::uint32_t>(arguments.found().size()));
  for (const auto& [name, value] : arguments.found()) {
    auto at = std::ranges::lower_bound(program.names, name);
    writer.u32(static_cast<std::uint32_t>(at - program.names.begin()));
    if (!writer.value(*value, limits.max_depth) || writer.size() > limits.max_data_bytes)
      return too_much(limits);
  }
  if (!writer.value(data, limits.max_depth) || writer.size() > limits.max_data_bytes)
    return too_much(limits);
  return std::move(writer).frame();
}

Error failure_of(const Expression& expression, const protocol::Outcome& outcome) {
  // jq's messages quote values, and these may hold secrets.
  bool reads_secrets = std::ranges::binary_search(expression.variables, "secrets");
  Error error = expression_error(expression,
                                 reads_secrets ? "the reason is withheld because it reads $secrets"
                                               : std::string_view(outcome.why));
  if (outcome.status == protocol::Status::too_large) {
    error.kind = ErrorKind::too_large;
    error.hint = "return less, or keep large payloads out of expressions";
  }
  return error;
}

}  // namespace

Program make_program(const ExpressionSet& set, std::size_t first, std::size_t last,
                     const EvaluationLimits& limits) {
  Program program;
  program.slots.resize(set.expressions().size());
  std::set<std::string> names;
  for (std::size_t i = first; i < last; ++i) {
    const Expression& expression = set.expressions()[i];
    if (expression.native) continue;
    program.slots[i] = static_cast<std::uint32_t>(program.expressions.size());
    program.expressions.push_back(expression.index);
    names.insert(expression.variables.begin(), expression.variables.end());
  }
  program.names.assign(names.begin(), names.end());
  protocol::Writer writer;
  writer.byte(protocol::load);
  writer.u32(limits.max_result_bytes);
  writer.u32(limits.max_depth);
  writer.u32(static_cast<std::uint32_t>(program.names.size()));
  for (const std::string& name : program.names) writer.text(name);
  writer.u32(static_cast<std::uint32_t>(program.expressions.size()));
  for (std::uint32_t index : program.expressions) writer.text(set.expressions()[index].text);
  program.load_frame = std::move(writer).frame();
  return program;
}

Result<PreparedEvaluation> prepare_evaluation(const ExpressionSet& set, const Program& program,
                                              const Template& value, const Json& data,
                                              const Arguments& arguments, Time now,
                                              const EvaluationLimits& limits) {
  PreparedEvaluation evaluation;
  evaluation.value = value.value();
  std::vector<std::uint32_t> slots;
  ArgumentCollector needed(arguments);
  for (std::size_t i = 0; i < value.leaves().size(); ++i) {
    const auto& [pointer, index] = value.leaves()[i];
    const Expression& expression = set.expressions()[index];
    if (expression.native) {
      auto leaf = evaluate_native(expression, data, arguments);
      if (leaf) {
        replace_leaf(evaluation.value, pointer, std::move(*leaf));
      } else if (!value.is_lenient()) {
        return std::unexpected(std::move(leaf).error());
      }
    } else if (auto available = needed.add(expression); available) {
      slots.push_back(*program.slots[index]);
      evaluation.leaves.push_back(i);
    } else if (!value.is_lenient()) {
      return std::unexpected(std::move(available).error());
    }
  }
  if (slots.empty()) return evaluation;
  AUTERITY_TRY(frame, encode(program, slots, needed, data, arguments.now.value_or(now), limits));
  evaluation.frame = std::move(frame);
  return evaluation;
}

Result<Json> finish_evaluation(const ExpressionSet& set, const Template& value,
                               PreparedEvaluation evaluation,
                               std::vector<protocol::Outcome> outcomes) {
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    const auto& [pointer, index] = value.leaves()[evaluation.leaves[i]];
    if (outcomes[i].status == protocol::Status::value) {
      replace_leaf(evaluation.value, pointer, std::move(outcomes[i].value));
    } else if (!value.is_lenient()) {
      return std::unexpected(failure_of(set.expressions()[index], outcomes[i]));
    }
  }
  return std::move(evaluation.value);
}

std::vector<std::string> bindable_names(const Definition& definition) {
  std::set<std::string> names = {"context",       "input", "output",  "secrets",
                                 "authorization", "task",  "runtime", "workflow"};
  for (const Task* task : definition.by_id) {
    if (const auto* loop = std::get_if<ForTask>(&task->body)) {
      names.insert({loop->each, loop->at});
    } else if (const auto* attempt = std::get_if<TryTask>(&task->body)) {
      names.insert(attempt->catch_clause.as);
    }
  }
  return {names.begin(), names.end()};
}

}  // namespace auterity::engine
