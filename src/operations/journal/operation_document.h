#pragma once
// What is told of an operation, for whoever audits it: who had it done, when, why and by which
// program; what was planned; each step with its state and its evidence; who went on with it or took
// it back. One form for the command line and the API.
#include "core/json.h"
#include "operations/journal/history.h"

namespace auterity::operations {

// id, kind, environment, state, who, why, program, started_at, finished_at (null while it runs) and
// failure ("" without one). `lock_held`: as in OperationHistory::state_name().
JsonObject summary_document(const OperationHistory& operation, bool lock_held);
// The same with request, term, satisfied, steps and continuations.
JsonObject operation_document(const OperationHistory& operation, bool lock_held);

}  // namespace auterity::operations
