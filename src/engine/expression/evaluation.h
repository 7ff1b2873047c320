#pragma once
// One definition's expressions, and one evaluation of a template, in the form that an evaluator
// process takes them. Pure: no process, no clock.
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/error.h"
#include "core/time.h"
#include "engine/expression/evaluator.h"
#include "engine/expression/protocol.h"

namespace auterity::engine {

struct EvaluationLimits {
  std::uint32_t max_data_bytes = 0, max_result_bytes = 0, max_depth = 0;
};

// The jq expressions of a set (or of a part of it), numbered by slot.
struct Program {
  std::string key;  // equal programs have equal keys
  std::string load_frame;
  std::vector<std::string> names;          // arguments that its expressions mention, sorted
  std::vector<std::uint32_t> expressions;  // by slot
  std::vector<std::optional<std::uint32_t>>
      slots;  // by expression; nothing: native, or not in this part
};
// Expressions `first` to `last` (not included) of the set.
Program make_program(const ExpressionSet& set, std::size_t first, std::size_t last,
                     const EvaluationLimits& limits);

struct PreparedEvaluation {
  std::string frame;                // empty when nothing is left for jq
  std::vector<std::size_t> leaves;  // of the template, in the order of the answer's outcomes
  Json value;                       // the template's value with its native leaves evaluated
};
// failed when a native leaf fails or an argument is not available; too_large when data or arguments
// are.
Result<PreparedEvaluation> prepare_evaluation(const ExpressionSet& set, const Program& program,
                                              const Template& value, const Json& data,
                                              const Arguments& arguments, Time now,
                                              const EvaluationLimits& limits);
// The template's value with the outcomes in their places.
Result<Json> finish_evaluation(const ExpressionSet& set, const Template& value,
                               PreparedEvaluation evaluation,
                               std::vector<protocol::Outcome> outcomes);

// Names that `for` and `catch` of this definition bind, and the arguments of the DSL; sorted.
std::vector<std::string> bindable_names(const Definition& definition);

}  // namespace auterity::engine
