#pragma once
// The life of one operation as a fold over its journal, and what comes next. Pure: the runner
// (runner.h) obeys next_action(), writes a record, and folds it in; a process that died is followed
// by one that folds the same records and goes on at the same place.
//
// Records, in the order a step meets them:
//   began     the step's turn has come; nothing has been touched
//   applying  its effect was observed to be absent; from here on this operation may have caused it
//   done      its postcondition was observed (`already`: it was there before, and is not ours to
//   undo) failed    apply or the postcondition failed; the operation turns round (undoing)
//   undo_began, undone | kept | undo_failed, and at last: finished
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "core/json.h"
#include "core/time.h"
#include "operations/plan.h"

namespace auterity::operations {

enum class RecordKind {
  started,
  resumed,
  began,
  applying,
  done,
  failed,
  undoing,
  undo_began,
  undone,
  kept,
  undo_failed,
  finished,
};

struct Attribution {
  std::string who;           // "ada (as root)@host pid 4711"
  std::string why;           // --reason; may be empty
  std::string program = {};  // that did it, "auterity 1.4.0"; empty in journals of old
};

struct Record {
  RecordKind kind = RecordKind::started;
  Time at;
  std::uint64_t term = 0;  // of the lease it was written under
  std::string step;        // began … undo_failed
  std::string text;      // evidence (done, undone), error (failed, undo_failed), outcome (finished)
  bool already = false;  // done
  Attribution attribution;   // started, resumed, undoing, finished when it was abandoned
  std::string id;            // started
  JsonObject request;        // started
  std::optional<Plan> plan;  // started
};
// One line of the journal, without line feed.
std::string to_line(const Record& record);
Result<Record> parse_record(std::string_view line);

enum class StepState {
  pending,
  began,
  applying,
  done,
  already_done,
  failed,
  undo_began,
  undone,
  kept,
  undo_failed
};
std::string_view name_of(StepState state);
std::string_view name_of(RecordKind kind);

// The state of an operation whose process is gone.
inline constexpr std::string_view kInterrupted = "interrupted";
// The outcome of an operation that somebody gave up as it was left: see Runner::abandon().
inline constexpr std::string_view kAbandoned = "abandoned";

enum class Phase { running, undoing, finished };

struct StepHistory {
  PlannedStep planned;
  StepState state = StepState::pending;
  std::string text;  // last evidence or error
  std::optional<Time> at;
  std::optional<Time> began_at = {};  // when its turn came last, on the way forward
};

// What somebody decided about an operation after its start.
struct Continuation {
  RecordKind kind = RecordKind::resumed;  // resumed, undoing, finished
  Time at;
  Attribution by;
};

struct OperationHistory {
  std::string id;
  Plan plan;
  JsonObject request;
  Attribution attribution;  // of the start
  Time started_at;
  std::optional<Time> finished_at;
  std::vector<StepHistory> steps;
  std::vector<Continuation> continuations;  // oldest first
  Phase phase = Phase::running;
  std::string outcome;  // "", then: done, undone, failed, superseded, abandoned
  std::string failure;  // "postgres: …" of the step that failed
  std::uint64_t term = 0;

  bool unfinished() const { return phase != Phase::finished; }
  bool resumable() const { return unfinished() || outcome == "failed"; }
  // For lists and messages: running, undoing, interrupted, done, undone, failed, superseded,
  // abandoned.
  // `lock_held`: whether some process holds the environment's lock; an operation that has not ended
  // runs exactly then.
  std::string state_name(bool lock_held) const;
  // The step that an undo would have to refuse, if any.
  const StepHistory* find_irreversible_step() const;
  // What resume() would still have to do, and undo() to take back.
  std::vector<PlannedStep> steps_to_run() const;
  std::vector<PlannedStep> steps_to_undo() const;
  // Of an operation that was done: whether there is anything that undo() could take back.
  bool has_lasting_steps_to_undo() const;
  // Those of its steps that undo() left, or would leave, as they are.
  std::vector<PlannedStep> lasting_steps_kept() const;
};

// The hint for one that was interrupted: the commands that go on with it or take it back.
std::string how_to_continue(const OperationHistory& operation);

// conflict, with how to go on, when undo() would have to refuse one of its steps.
Status check_reversible(const OperationHistory& operation);
// What undo() would do about it: its steps in the order in which they are taken back.
Plan plan_of_undo(const OperationHistory& operation, std::string_view kind);

// The command that shows it.
std::string how_to_show(const OperationHistory& operation);

// The hint for one that this build cannot go on with.
std::string how_to_leave(const OperationHistory& operation);

// The first record must be `started`. Unknown steps are invalid_input.
Status fold(OperationHistory& history, const Record& record);
Result<OperationHistory> fold(const std::vector<Record>& records);

struct Action {
  enum class Kind { run_step, undo_step, keep_step, finish } kind = Kind::finish;
  std::size_t step = 0;
  std::string outcome;  // finish
};
Action next_action(const OperationHistory& history);

}  // namespace auterity::operations
