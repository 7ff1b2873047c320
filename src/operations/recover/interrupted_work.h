#pragma once
// Executions that had not ended at the place to which a database was recovered: what each had done
// is in its history, and what it did afterwards is lost. Declared here so that operations work
// without the engine; its store implements it and the program hands it in.
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/async.h"
#include "core/error.h"
#include "core/json.h"
#include "core/time.h"
#include "operations/local_context.h"

namespace auterity::operations {

struct InterruptedExecution {
  std::string id;
  std::string workflow;         // "namespace/name/version"
  std::string status;           // "running", "waiting", …
  std::string wakes_by;         // "ready", "timer", "lease", "subscription", "suspended", "child"
  std::int64_t last_event = 0;  // of its history: nothing after it is known
  std::optional<Time> due;      // of its timer, or of the lease that a process had which is gone
  std::vector<std::string> goes_on_at;  // tasks, as JSON pointers; empty: at its beginning
  std::string damage;                   // why it cannot go on; empty: it can
};

class InterruptedWork {
 public:
  virtual ~InterruptedWork() = default;
  // All of them, oldest first.
  virtual Async<Result<std::vector<InterruptedExecution>>> find() = 0;
};
// Of the platform, whose database runs.
using MakeInterruptedWork = std::function<std::unique_ptr<InterruptedWork>(const local::Platform&)>;

// What becomes of them, as the report of a recovery has it. `now`: timers that are due by then fire
// at once, and once.
JsonObject to_json(const InterruptedExecution& execution, Time now);
struct InterruptedCounts {
  std::size_t all = 0;
  std::size_t repeated = 0;  // were in motion: what they did since their last event is done again
  std::size_t late = 0;      // timers that fell due meanwhile
  std::size_t damaged = 0;
};
InterruptedCounts count(const std::vector<InterruptedExecution>& executions, Time now);

}  // namespace auterity::operations
