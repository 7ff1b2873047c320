#pragma once
// How this program starts itself as an evaluator of expressions
// (engine/expression/evaluator_process.h). main() looks for the argument before it builds anything
// else.
#include <string>
#include <string_view>
#include <vector>

namespace auterity::cli {

inline constexpr std::string_view kEvaluatorArgument = "evaluator-process";

// For EvaluatorOptions::command.
inline std::vector<std::string> evaluator_command() {
  return {"/proc/self/exe", std::string(kEvaluatorArgument)};
}

}  // namespace auterity::cli
