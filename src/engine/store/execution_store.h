#pragma once
// Durable executions. Purpose: make what the engine decides survive any crash, with one writer at a
// time.
//
// Invariants, checked by the contract suite against the memory version and PostgreSQL alike:
//  - an execution whose create() succeeded is never lost, and keeps exactly one reason to wake
//  until it has ended;
//  - save() succeeds only for the current term and for seq = last seq + 1, so that a worker that
//  was thought dead cannot write and no
//    checkpoint is applied twice; a repeated save of the very same seq and term answers success
//    (its first answer may have been lost);
//  - terms only grow: claim() gives a new one, greater than all before;
//  - a terminal status is never left, except by restart(), which starts a new term.
// Not here: deciding what to do next (execution/), running effects (executor/).
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/async.h"
#include "core/error.h"
#include "core/json.h"
#include "core/time.h"
#include "core/uuid.h"

namespace auterity::engine {

enum class ExecutionStatus { pending, running, waiting, suspended, cancelled, faulted, completed };
std::string_view to_text(ExecutionStatus status);
std::optional<ExecutionStatus> parse_execution_status(std::string_view text);
bool is_terminal(ExecutionStatus status);

// Why an execution that has not ended will be looked at again. Exactly one holds.
enum class WakeReason {
  ready,         // any worker may claim it now
  timer,         // claimable from `wake_at`
  lease,         // a worker runs it until `lease_until`, then it is ready
  subscription,  // an event wakes it
  suspended,     // a person resumes it
  child,         // a child execution's end wakes it
  none,          // it has ended
};
std::string_view to_text(WakeReason reason);
std::optional<WakeReason> parse_wake_reason(std::string_view text);

// One visible thing that happened; the history that people and event streams see. `type` is the
// lifecycle type without prefix, e.g. "workflow.started", "task.completed" (DSL, Lifecycle Events);
// `task` a pointer, empty for the workflow itself.
struct HistoryEvent {
  std::int64_t number = 0;  // 1, 2, 3… within the execution: the id of server-sent events
  Time at;
  std::string type;
  std::string task;
  Json data;
};

// Everything that one durable step changes.
struct Checkpoint {
  Uuid id;
  std::int64_t term = 0;
  std::int64_t seq = 0;  // 1 for the first
  ExecutionStatus status = ExecutionStatus::running;
  WakeReason wake = WakeReason::lease;
  std::optional<Time> wake_at;  // for timer
  std::string state;  // JSON of the execution's state with "format"; of an ended one what restart()
                      // needs, or empty
  std::vector<HistoryEvent> events;
  std::optional<Json> output;       // completed
  std::optional<Json> error;        // faulted: WorkflowError
  std::optional<Time> finished_at;  // terminal
};

struct NewExecution {
  Uuid id;
  Uuid workflow_id;
  Json input;
  std::string workflow_type;  // bounded label: the definition's tag `type` or the trigger
  std::string trigger;        // "api", "schedule", "cli"
  std::string started_by;     // user id, empty for a schedule
  std::string traceparent;    // empty: none
  // Same key, same workflow within 24 h: the first execution again instead of a new one; another
  // input under it: conflict.
  std::optional<std::string> idempotency_key;
  // Schedules: (workflow, fire time) starts once, whoever tries.
  std::optional<Time> scheduled_for;
  Time created_at;
};

// create()'s answer.
struct Created {
  Uuid id;                // an earlier one's when `existing`
  bool existing = false;  // the idempotency key or fire time was known
  std::int64_t term = 0;  // of the lease that the creator holds; 0 when existing or not leased
};

enum class ControlAction { none, cancel, suspend, resume };
std::string_view to_text(ControlAction action);
std::optional<ControlAction> parse_control_action(std::string_view text);

// An execution to go on with.
struct ClaimedExecution {
  Uuid id;
  Uuid workflow_id;
  std::int64_t term = 0;
  std::int64_t seq = 0;         // of the last checkpoint, 0 when none
  std::int64_t last_event = 0;  // number of the last history event
  std::string state;            // of the last checkpoint; empty when none: begin from `input`
  Json input;
  std::string traceparent;
  std::string started_by;
  Time created_at;
  Time lease_until;
  ControlAction requested = ControlAction::none;
};

// A row as people see it.
struct ExecutionView {
  Uuid id, workflow_id;
  ExecutionStatus status = ExecutionStatus::pending;
  WakeReason wake = WakeReason::ready;
  Json input, output, error;
  std::string trigger, started_by;
  Time created_at;
  std::optional<Time> started_at, finished_at, wake_at;
};

struct ExecutionFilter {
  std::optional<Uuid> workflow_id;
  std::optional<ExecutionStatus> status;
  std::optional<Uuid> before;  // keyset: ids below this one, newest first
  std::size_t limit = 50;
};

class ExecutionStore {
 public:
  virtual ~ExecutionStore() = default;

  // What create() and save() are given outlives the call: copying every event and document for a
  // call that may have to be repeated was a tenth of a checkpoint's cost.
  //
  // Durable when it answers. With `first`, creation and first checkpoint are one commit (a workflow
  // without effects is then one write); first->term must be 1. Without it the row is ready for any
  // worker, unless `lease` is set: then the creator owns term 1.
  virtual Async<Result<Created>> create(const NewExecution& execution,
                                        const std::optional<Checkpoint>& first, std::string owner,
                                        std::optional<Duration> lease) = 0;
  // conflict: the term or seq is not the current one; the caller must drop the execution at once. A
  // save does not move the lease; one whose `wake` is not lease ends it. A requested cancel or
  // suspend is withdrawn by a save of a terminal status, a suspend also by one of status suspended,
  // a resume by one of any status but suspended. Any other request stays, and an execution that
  // would sleep through it becomes ready instead. conflict, too, once it has ended.
  virtual Async<Status> save(const Checkpoint& checkpoint) = 0;
  // Up to `limit` executions that are ready, whose timer is due or whose lease has run out, oldest
  // first, now leased to `owner`.
  virtual Async<Result<std::vector<ClaimedExecution>>> claim(std::string owner, std::size_t limit,
                                                             Duration lease) = 0;
  // One execution, if it is claimable now; nullopt otherwise.
  virtual Async<Result<std::optional<ClaimedExecution>>> claim_one(Uuid id, std::string owner,
                                                                   Duration lease) = 0;

  struct Lease {
    Uuid id;
    std::int64_t term = 0;
  };
  struct Renewal {
    Uuid id;
    bool held = false;  // false: lost; stop working on it
    ControlAction requested = ControlAction::none;
  };
  // Extends leases from now; also how an owner learns of a requested cancel or suspend.
  virtual Async<Result<std::vector<Renewal>>> renew(std::vector<Lease> leases, Duration lease) = 0;
  // Gives leases back at once (drain): the executions become ready.
  virtual Async<Status> release(std::vector<Lease> leases) = 0;
  // When the next timer or lease falls due, for a precise sleep; nullopt: nothing is scheduled.
  virtual Async<Result<std::optional<Time>>> next_due() = 0;

  // Records what a person asked for and makes the execution claimable if nobody owns it. conflict
  // when it has ended (or, for resume, is not suspended); not_found. A cancel is not taken back by
  // a later suspend or resume. The request is carried out, and forgotten, by the checkpoint that
  // suspends, runs again or ends.
  virtual Async<Status> request(Uuid id, ControlAction action) = 0;
  // Begins again from `state` (already cut back by the engine, from checkpoint `seq`) after the
  // execution ended or while it is suspended. conflict when it runs, or when `seq` is not its last
  // checkpoint any more.
  virtual Async<Status> restart(Uuid id, std::int64_t seq, std::string state,
                                std::vector<HistoryEvent> events) = 0;

  virtual Async<Result<ExecutionView>> find(Uuid id) = 0;
  virtual Async<Result<std::vector<ExecutionView>>> list(ExecutionFilter filter) = 0;
  // History after event `after`, in order.
  virtual Async<Result<std::vector<HistoryEvent>>> history(Uuid id, std::int64_t after,
                                                           std::size_t limit) = 0;
  // The last state text that a checkpoint (or restart) left and the seq, whether or not somebody
  // owns it (restart and diagnosis); empty when none: begin from `input`.
  virtual Async<Result<ClaimedExecution>> inspect(Uuid id) = 0;
};

}  // namespace auterity::engine
