#pragma once
// Carries operations out so that they survive their own death. Per step: journal `began` (durable),
// observe, journal `applying`, apply, observe again, journal `done` with the evidence; a step that
// fails turns the operation round, and what it did is undone in reverse order. Invariants: nothing
// is touched without the lock and without a record before; success is what was observed, never what
// was attempted; killed anywhere, resume() or undo() reaches a correct end state. It decides
// nothing: next_action() in history.h does.
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "core/clock.h"
#include "core/random.h"
#include "operations/journal/history.h"
#include "operations/journal/journal.h"
#include "operations/journal/lock.h"
#include "operations/operation.h"

namespace auterity::operations {

// Told while an operation runs; the command line draws it.
class RunObserver {
 public:
  virtual ~RunObserver() = default;
  virtual void step_began(const PlannedStep& step, bool undoing) = 0;
  virtual void step_ended(const PlannedStep& step, std::string_view evidence) = 0;
  virtual void step_failed(const PlannedStep& step, std::string_view reason) = 0;
  virtual void note(std::string_view line) = 0;
};

struct RunResult {
  std::string id;       // empty: there was nothing to do, and nothing was written
  std::string outcome;  // "nothing to do", "done", "undone"
  Plan plan;
  std::string stays = {};  // of an operation that was taken back: what is there still
};

struct RunnerServices {
  Journal& journal;
  OperationLock& lock;
  Clock& clock;
  Random& random;
  RunObserver& observer;
};

// What goes along with an operation from its beginning on: called under the lock once there is
// something to do, before anything is written. Its error is the operation's, which then never was.
using Beginning = std::function<Async<Status>()>;

class Runner {
 public:
  Runner(RunnerServices services, Attribution attribution)
      : services_(services), attribution_(std::move(attribution)) {}

  // What start() would do, or its error where it would refuse: nothing is locked or written.
  Async<Result<Plan>> plan(Operation& operation);
  // The same before an operation plans: conflict while another one runs, or was left unfinished
  // that this one does not supersede. The observer hears of one that it supersedes.
  Status check_startable(const Operation& operation);
  // Takes the lock, plans, runs. Errors: conflict (locked; or one was left unfinished that this one
  // does not supersede), the failed step's error with what became of the steps before it, cancelled
  // when interrupted (the operation stays resumable).
  Async<Result<RunResult>> start(Operation& operation, Beginning beginning = {});
  // Goes on with an operation that a dead process left, in the direction it had. conflict, before
  // anything is touched, when this build lacks a step that is left of it.
  Async<Result<RunResult>> resume(Operation& operation, OperationHistory history);
  // Takes back what the operation did. Refused up front, as conflict: when one of its steps cannot
  // be taken back, or is one that this build lacks; when it is done and left nothing to take back.
  Async<Result<RunResult>> undo(Operation& operation, OperationHistory history);
  // Closes what was left unfinished, or failed, as it is: nothing is taken back, and it is recorded
  // who gave it up and why. Its journal need not be readable. invalid_input without a reason;
  // conflict when it has ended.
  Status abandon(const std::string& id);

 private:
  Status take_lock(std::string_view kind);
  Result<std::optional<OperationHistory>> find_superseded(const Operation& operation);
  Status close_superseded(const Operation& operation);
  Status check_undoable(const Operation& operation) const;
  Status check_known(Operation& operation, const std::vector<PlannedStep>& steps) const;
  Status append(Record record);
  Async<Result<RunResult>> drive(Operation& operation);
  Async<Status> run_step(Operation& operation, PlannedStep step);
  Async<Status> undo_step(Operation& operation, PlannedStep step);
  Async<Status> keep_step(Operation& operation, PlannedStep step);
  Status step_failed(const PlannedStep& step, const Error& error);
  Async<Result<RunResult>> conclude(Operation& operation);

  RunnerServices services_;
  Attribution attribution_;
  std::uint64_t term_ = 0;
  OperationHistory history_;
  std::string superseded_;  // the id that the observer was told of
  std::optional<Error> failure_;
};

}  // namespace auterity::operations
