#pragma once
// One execution of a workflow as a value. Purpose: everything that decides how it goes on, and
// nothing else, so that a copy, a stored state and the original behave the same. Invariants: only
// apply() changes it (apply.h); the activations form a tree under the workflow's own activation;
// ids are never used twice; `facts` are numbered without gaps. Serialises to JSON and back
// (execution_json.h). Not here: I/O, clock, randomness, secrets (they come in by Surroundings and
// are not part of the state).
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/json.h"
#include "core/time.h"
#include "core/uuid.h"
#include "engine/definition/definition.h"
#include "engine/execution/event.h"
#include "engine/execution/value.h"
#include "engine/store/execution_store.h"

namespace auterity::engine {

// Limits that keep a workflow without effects from holding a process or its memory; over them the
// workflow faults with `runtime`.
struct ExecutionLimits {
  std::uint64_t max_steps = 1'000'000;      // tasks started since the last effect or wait
  std::size_t max_value_bytes = 16u << 20;  // of one value
  std::size_t max_state_bytes = 32u << 20;  // of the stored state
  std::uint32_t steps_a_turn = 256;         // before the event loop gets a turn
  std::size_t bytes_a_turn = 1u << 20;      // of new values, likewise
  std::size_t max_trail_bytes =
      64u << 10;  // of what is kept only so that a restart can begin in the middle
};

// What an execution runs in: given anew whenever it is loaded, never stored.
struct Surroundings {
  Uuid id;
  DefinitionPtr definition;
  std::string runtime_version;
  std::string traceparent;  // W3C Trace Context; empty: none
  JsonObject secrets;       // resolved values by name; one that could not be resolved is absent
  ExecutionLimits limits;
};
using SurroundingsPtr = std::shared_ptr<const Surroundings>;

// Where in the data flow a task stands (DSL, Data Flow). The workflow's own activation skips what
// it has not.
enum class Phase : std::uint8_t {
  condition,
  input_schema,
  input_from,
  timeout,  // the task's time limit is worked out
  body,     // what the keyword does; see tasks/
  output_as,
  output_schema,
  export_as,
  export_schema,
};

// What has to happen before an activation goes on.
enum class Awaiting : std::uint8_t { nothing, evaluation, validation, effect, timer, children };

// One run of one task. A task in a loop and every retry have activations of their own.
struct Activation {
  ActivationId id = 0;
  ActivationId parent = 0;     // 0: this is the workflow itself
  const Task* task = nullptr;  // null: the workflow itself
  Phase phase = Phase::condition;
  Awaiting awaiting = Awaiting::nothing;
  std::uint16_t step =
      0;               // where the keyword stands in its body; each file in tasks/ names its own
  bool ended = false;  // within one apply() only: swept at its end
  Value raw_input, input, raw_output, output;
  Value locals;  // an object: variables for this task and those below it
  Time started_at;
  Time moment;                   // what `now` yields in its expressions
  std::optional<Time> deadline;  // of the task's timeout
  std::optional<Time> due;       // of the keyword's own timer: wait, back-off, an attempt's limit
  std::uint32_t attempt = 1;   // of the innermost enclosing try; a try's own: the attempt that runs
  std::uint32_t position = 0;  // in the parent's task list
  std::optional<FlowDirective> then;  // overrides the task's own
  // for
  Value items;
  std::uint64_t index = 0;
  // fork: outputs by branch, null while it runs
  std::vector<Value> results;
  // try: the caught error, when the first attempt began, and how long to back off
  Value error;
  std::optional<Time> first_attempt_at;
  std::optional<Duration> delay, jitter_from, total_limit;
  // Resolved arguments of an effect. Not stored, since secrets may be in them: they are worked out
  // again after a reload.
  std::vector<Value> arguments;
  Value authorization;
};

// What a restart in the middle needs: a task of the main list, the raw input it got and the context
// it met.
struct TrailEntry {
  const Task* task = nullptr;
  Value raw_input, context;
};

struct Execution {
  SurroundingsPtr surroundings;
  Value raw_input;  // of the workflow; kept in the store's row, not in the state
  ExecutionStatus status = ExecutionStatus::pending;
  Value context;
  Value output;  // once completed
  Value error;   // once faulted
  Time started_at;
  std::optional<Time> finished_at;
  std::optional<Time> suspended_at;
  std::map<ActivationId, Activation> activations;
  std::deque<ActivationId> ready;  // those that can go on at once, in order
  ActivationId last_activation = 0;
  std::int64_t last_event = 0;  // number of the last fact
  std::uint64_t steps = 0;      // since the last effect or wait
  std::vector<TrailEntry> trail;
  // Facts since the last checkpoint; whoever saves takes them. Not part of the state.
  std::vector<HistoryEvent> facts;

  const Definition& definition() const { return *surroundings->definition; }
  bool ended() const { return is_terminal(status); }
};

// A new execution that has not begun: apply Started to it.
Execution make_execution(SurroundingsPtr surroundings, Value input);
// The activation while it lives, or nullptr.
const Activation* find_activation(const Execution& execution, ActivationId id);

}  // namespace auterity::engine
