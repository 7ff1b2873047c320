#pragma once
// Executions that have not ended, with where each goes on: for whoever has to tell what a loss of
// the database's last moments means. Only looks. An execution that a process was at work on repeats
// what it did after its last checkpoint; what its calls had done meanwhile is known to those who
// were called, by their idempotency keys.
#include <optional>
#include <string>
#include <vector>

#include "core/async.h"
#include "core/error.h"
#include "core/time.h"
#include "core/uuid.h"
#include "data/database.h"
#include "data/object_store.h"

namespace auterity::engine {

struct InterruptedExecution {
  Uuid id;
  std::string workflow;         // "namespace/name/version"
  std::string status;           // of execution_status
  std::string wakes_by;         // of wake_reason
  std::int64_t last_event = 0;  // of its history
  std::optional<Time> due;
  std::vector<std::string> goes_on_at;  // innermost tasks, as JSON pointers; empty: the beginning
  std::string damage;                   // why it cannot go on; empty: it can
};

// All of them, oldest first. `objects` holds large payloads.
Async<Result<std::vector<InterruptedExecution>>> find_interrupted(data::Database& database,
                                                                  data::ObjectStore& objects);

// The innermost tasks of a stored state; empty when it is none.
std::vector<std::string> innermost_tasks(std::string_view state);

}  // namespace auterity::engine
