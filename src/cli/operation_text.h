#pragma once
// One operation as a person reads it in a terminal: who, when and why first, then each step with
// what was planned and what was seen.
#include <string>

#include "operations/journal/history.h"

namespace auterity::cli {

// `lock_held`: as in OperationHistory::state_name().
std::string operation_text(const operations::OperationHistory& operation, bool lock_held);

}  // namespace auterity::cli
