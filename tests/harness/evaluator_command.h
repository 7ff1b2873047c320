#pragma once
// The command of an evaluator process for tests (EvaluatorOptions::command): a small program that
// is nothing else.
#include <string>
#include <vector>

namespace auterity::harness {

std::vector<std::string> evaluator_command();

}  // namespace auterity::harness
