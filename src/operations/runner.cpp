#include "operations/runner.h"

#include <fmt/format.h>

#include <boost/asio/error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/json.hpp>
#include <boost/system/system_error.hpp>

#include "core/uuid.h"

namespace auterity::operations {
namespace {

// The lock is given up on every way out, an exception included.
class LockHold {
 public:
  explicit LockHold(OperationLock& lock) : lock_(lock) {}
  LockHold(const LockHold&) = delete;
  LockHold& operator=(const LockHold&) = delete;
  ~LockHold() {
    // A lease that cannot be marked as released is stale all the same once its holder is gone.
    [[maybe_unused]] const Status released = lock_.release();
  }

 private:
  OperationLock& lock_;
};

// A step's own exceptions are bugs and count as its failure. What is thrown while the operation is
// being interrupted is the interruption, in whatever dress parallel work puts it.
template <typename T>
Async<Result<T>> guarded(Async<Result<T>> work) {
  std::string thrown;
  try {
    co_return co_await std::move(work);
  } catch (const std::exception& error) {
    thrown = error.what();
  }
  const auto state = co_await boost::asio::this_coro::cancellation_state;
  if (state.cancelled() != boost::asio::cancellation_type::none)
    throw boost::system::system_error(boost::asio::error::operation_aborted);
  co_return fail(ErrorKind::internal, std::move(thrown));
}

std::string error_line(const Error& error) {
  return error.hint.empty() ? error.message
                            : fmt::format("{} (hint: {})", error.message, error.hint);
}

// Of what was taken back: what is there still; empty for nothing.
std::string kept_text(const OperationHistory& history) {
  std::vector<std::string> names;
  for (const PlannedStep& step : history.lasting_steps_kept()) names.push_back(step.name);
  return names.empty() ? "" : fmt::format("what these steps did stays: {}", fmt::join(names, ", "));
}

}  // namespace

Status Runner::take_lock(std::string_view kind) {
  AUTERITY_TRY(lease, services_.lock.acquire(attribution_.who, std::string(kind)));
  term_ = lease.term;
  return {};
}

Status Runner::append(Record record) {
  record.at = services_.clock.now();
  record.term = term_;
  AUTERITY_CHECK(services_.journal.append(history_.id.empty() ? record.id : history_.id, record));
  return fold(history_, record);
}

Result<std::optional<OperationHistory>> Runner::find_superseded(const Operation& operation) {
  AUTERITY_TRY(unfinished, find_unfinished(services_.journal));
  if (!unfinished) return std::nullopt;
  const std::string& kind = unfinished->plan.operation;
  if (!operation.supersedes(kind))
    return fail(
        ErrorKind::conflict,
        fmt::format("{} ({}) was left unfinished in this environment", kind, unfinished->id),
        how_to_continue(*unfinished));
  if (superseded_ != unfinished->id)
    services_.observer.note(
        fmt::format("{} ({}) was left unfinished; this {} goes on from what it left", kind,
                    unfinished->id, operation.kind()));
  superseded_ = unfinished->id;
  return unfinished;
}

Status Runner::close_superseded(const Operation& operation) {
  AUTERITY_TRY(unfinished, find_superseded(operation));
  if (!unfinished) return {};
  history_ = std::move(*unfinished);
  AUTERITY_CHECK(append({.kind = RecordKind::finished, .text = "superseded"}));
  history_ = {};
  return {};
}

Status Runner::check_undoable(const Operation& operation) const {
  if (history_.outcome == "undone" || history_.outcome == "superseded")
    return fail(ErrorKind::conflict,
                fmt::format("operation {} has ended: {}", history_.id, history_.outcome),
                "there is nothing left of it to undo");
  if (Status reversible = check_reversible(history_); !reversible) {
    if (!history_.resumable()) reversible.error().hint = operation.way_back(history_);
    return reversible;
  }
  if (history_.outcome == "done" && !history_.has_lasting_steps_to_undo())
    return fail(ErrorKind::conflict,
                fmt::format("{} ({}) is done, and none of its steps can be taken back",
                            history_.plan.operation, history_.id),
                operation.way_back(history_));
  return {};
}

// A step of another version would be met in the middle, with nobody to carry it out.
Status Runner::check_known(Operation& operation, const std::vector<PlannedStep>& steps) const {
  for (const PlannedStep& step : steps) {
    const auto effects = operation.bind(step);
    if (effects || effects.error().kind != ErrorKind::not_found) continue;
    return fail(ErrorKind::conflict,
                fmt::format("this build cannot go on with operation {}: {}", history_.id,
                            effects.error().message),
                how_to_leave(history_));
  }
  return {};
}

Status Runner::abandon(const std::string& id) {
  if (attribution_.why.empty())
    return fail(ErrorKind::invalid_input, "an operation is given up for a reason",
                fmt::format("say it: auterity operations abandon {} --reason WHY", id));
  AUTERITY_CHECK(take_lock("abandon"));
  const LockHold hold(services_.lock);
  auto current = services_.journal.load(id);
  if (!current && current.error().kind == ErrorKind::not_found)
    return std::unexpected(std::move(current.error()));
  if (current && !current->resumable())
    return fail(ErrorKind::conflict,
                fmt::format("operation {} has ended: {}", id, current->outcome),
                "there is nothing to give up");
  return services_.journal.append(id, {.kind = RecordKind::finished,
                                       .at = services_.clock.now(),
                                       .term = term_,
                                       .text = std::string(kAbandoned),
                                       .attribution = attribution_});
}

Status Runner::check_startable(const Operation& operation) {
  AUTERITY_CHECK(services_.lock.check_free());
  AUTERITY_CHECK(find_superseded(operation));
  return {};
}

Async<Result<Plan>> Runner::plan(Operation& operation) {
  AUTERITY_CO_CHECK(check_startable(operation));
  co_return co_await guarded(operation.plan());
}

Async<Result<RunResult>> Runner::start(Operation& operation, Beginning beginning) {
  AUTERITY_CO_CHECK(take_lock(operation.kind()));
  const LockHold hold(services_.lock);
  AUTERITY_CO_CHECK(close_superseded(operation));
  AUTERITY_CO_TRY(plan, co_await guarded(operation.plan()));
  if (plan.steps.empty()) co_return RunResult{"", "nothing to do", std::move(plan)};
  if (beginning) AUTERITY_CO_CHECK(co_await beginning());
  AUTERITY_CO_CHECK(append({.kind = RecordKind::started,
                            .attribution = attribution_,
                            .id = to_text(make_uuid(services_.clock.now(), services_.random)),
                            .request = operation.request(),
                            .plan = std::move(plan)}));
  co_return co_await drive(operation);
}

Async<Result<RunResult>> Runner::resume(Operation& operation, OperationHistory history) {
  AUTERITY_CO_CHECK(take_lock(operation.kind()));
  const LockHold hold(services_.lock);
  // Read again under the lock: it may have been finished meanwhile.
  AUTERITY_CO_TRY(current, services_.journal.load(history.id));
  history_ = std::move(current);
  if (!history_.resumable())
    co_return fail(ErrorKind::conflict,
                   fmt::format("operation {} has ended: {}", history_.id, history_.outcome),
                   "only an operation that was left unfinished can be resumed");
  const bool back = history_.phase == Phase::undoing;
  AUTERITY_CO_CHECK(
      check_known(operation, back ? history_.steps_to_undo() : history_.steps_to_run()));
  AUTERITY_CO_CHECK(append({.kind = RecordKind::resumed, .attribution = attribution_}));
  co_return co_await drive(operation);
}

Async<Result<RunResult>> Runner::undo(Operation& operation, OperationHistory history) {
  AUTERITY_CO_CHECK(take_lock(operation.kind()));
  const LockHold hold(services_.lock);
  AUTERITY_CO_TRY(current, services_.journal.load(history.id));
  history_ = std::move(current);
  AUTERITY_CO_CHECK(check_undoable(operation));
  AUTERITY_CO_CHECK(check_known(operation, history_.steps_to_undo()));
  if (history_.phase != Phase::undoing)
    AUTERITY_CO_CHECK(append({.kind = RecordKind::undoing, .attribution = attribution_}));
  co_return co_await drive(operation);
}

Async<Result<RunResult>> Runner::drive(Operation& operation) {
  operation.take_id(history_.id);
  while (history_.unfinished()) {
    const Action action = next_action(history_);
    const PlannedStep* step =
        history_.steps.empty() ? nullptr : &history_.steps[action.step].planned;
    switch (action.kind) {
      case Action::Kind::run_step:
        AUTERITY_CO_CHECK(co_await run_step(operation, *step));
        break;
      case Action::Kind::undo_step:
        AUTERITY_CO_CHECK(co_await undo_step(operation, *step));
        break;
      case Action::Kind::keep_step:
        AUTERITY_CO_CHECK(co_await keep_step(operation, *step));
        break;
      case Action::Kind::finish:
        AUTERITY_CO_CHECK(append({.kind = RecordKind::finished, .text = action.outcome}));
        break;
    }
  }
  co_return co_await conclude(operation);
}

// Answers an error only when the journal or the lock fails: a step's failure is a record.
Async<Status> Runner::run_step(Operation& operation, PlannedStep step) {
  AUTERITY_CO_CHECK(services_.lock.renew(step.name));
  AUTERITY_CO_CHECK(append({.kind = RecordKind::began, .step = step.name}));
  services_.observer.step_began(step, false);
  auto effects = operation.bind(step);
  if (!effects) co_return step_failed(step, effects.error());
  auto before = co_await guarded((*effects)->observe());
  if (!before) co_return step_failed(step, before.error());
  const bool claimed = history_.steps[next_action(history_).step].state == StepState::applying;
  if (before->holds) {
    services_.observer.step_ended(step, before->evidence);
    co_return append({.kind = RecordKind::done,
                      .step = step.name,
                      .text = before->evidence,
                      .already = !claimed});
  }
  AUTERITY_CO_CHECK(append({.kind = RecordKind::applying, .step = step.name}));
  auto applied = co_await guarded((*effects)->apply());
  if (!applied) co_return step_failed(step, applied.error());
  auto after = co_await guarded((*effects)->observe());
  if (!after) co_return step_failed(step, after.error());
  if (!after->holds)
    co_return step_failed(
        step, {ErrorKind::failed, "carried out, but not observed afterwards: " + after->evidence,
               "its log says why"});
  services_.observer.step_ended(step, after->evidence);
  co_return append({.kind = RecordKind::done, .step = step.name, .text = after->evidence});
}

Status Runner::step_failed(const PlannedStep& step, const Error& error) {
  services_.observer.step_failed(step, error.message);
  failure_ = error;
  // What was asked for was understood, and failed: "invalid input" would blame the command line.
  if (failure_->kind == ErrorKind::invalid_input) failure_->kind = ErrorKind::failed;
  failure_->message = fmt::format("step {}: {}", step.name, error.message);
  AUTERITY_CHECK(
      append({.kind = RecordKind::failed, .step = step.name, .text = error_line(error)}));
  return append({.kind = RecordKind::undoing, .text = "a step failed"});
}

Async<Status> Runner::undo_step(Operation& operation, PlannedStep step) {
  AUTERITY_CO_CHECK(services_.lock.renew(step.name));
  AUTERITY_CO_CHECK(append({.kind = RecordKind::undo_began, .step = step.name}));
  services_.observer.step_began(step, true);
  Status outcome;
  std::string evidence;
  if (auto effects = operation.bind(step)) {
    outcome = co_await guarded((*effects)->undo());
    if (outcome) {
      auto after = co_await guarded((*effects)->observe());
      if (!after)
        outcome = std::unexpected(after.error());
      else if (after->holds)
        outcome = fail(ErrorKind::failed, "taken back, but still there: " + after->evidence);
      else
        evidence = after->evidence;
    }
  } else {
    outcome = std::unexpected(effects.error());
  }
  if (outcome) {
    services_.observer.step_ended(step, evidence);
    co_return append({.kind = RecordKind::undone, .step = step.name, .text = evidence});
  }
  services_.observer.step_failed(step, outcome.error().message);
  AUTERITY_CO_CHECK(append(
      {.kind = RecordKind::undo_failed, .step = step.name, .text = error_line(outcome.error())}));
  co_return fail(
      outcome.error().kind,
      fmt::format("step {} could not be taken back: {}", step.name, outcome.error().message),
      fmt::format("mend the cause, then: auterity operations undo {} -e {}", history_.id,
                  history_.plan.environment));
}

// What cannot be settled holds nothing else up: its error stands in the record.
Async<Status> Runner::keep_step(Operation& operation, PlannedStep step) {
  const bool whole = history_.steps[next_action(history_).step].state == StepState::done;
  std::string left;
  if (!whole) {
    AUTERITY_CO_CHECK(services_.lock.renew(step.name));
    Status settled;
    if (auto effects = operation.bind(step))
      settled = co_await guarded((*effects)->settle());
    else
      settled = std::unexpected(effects.error());
    if (!settled) {
      left = error_line(settled.error());
      services_.observer.note(fmt::format("{} is left as it is: {}", step.name, left));
    }
  }
  co_return append({.kind = RecordKind::kept, .step = step.name, .text = left});
}

Async<Result<RunResult>> Runner::conclude(Operation& operation) {
  std::string stays;
  if (history_.outcome == "undone") stays = co_await operation.what_stays(history_.plan);
  if (failure_) {
    Error error = std::move(*failure_);
    error.message += history_.outcome == "failed"
                         ? "; what came before it stays, since it cannot be taken back"
                         : "; what this operation had started was taken back";
    if (!stays.empty()) error.message += "; " + stays;
    const std::string record = fmt::format("see: auterity operations show {} -e {}", history_.id,
                                           history_.plan.environment);
    error.hint = error.hint.empty() ? record : error.hint + "; " + record;
    co_return std::unexpected(std::move(error));
  }
  if (history_.outcome == "failed")
    co_return fail(ErrorKind::failed, "step " + history_.failure,
                   fmt::format("mend the cause, then: auterity operations resume {} -e {}",
                               history_.id, history_.plan.environment));
  if (history_.outcome == "undone" && stays.empty()) stays = kept_text(history_);
  co_return RunResult{history_.id, history_.outcome, history_.plan, std::move(stays)};
}

}  // namespace auterity::operations
