#include "harness/evaluator_command.h"

namespace auterity::harness {

std::vector<std::string> evaluator_command() { return {AUTERITY_EVALUATOR_PROCESS}; }

}  // namespace auterity::harness
