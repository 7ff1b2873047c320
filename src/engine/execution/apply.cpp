#include <algorithm>
#include <boost/json/object.hpp>
#include <tuple>
#include <vector>

#include "engine/execution/decide.h"
#include "engine/execution/progress.h"
#include "engine/execution/task_behaviour.h"

namespace auterity::engine {

void Progress::begin_workflow() {
  if (execution_.status != ExecutionStatus::pending) return;
  execution_.status = ExecutionStatus::running;
  execution_.started_at = now_;
  const ActivationId id = ++execution_.last_activation;
  Activation& self = execution_.activations[id];
  self.id = id;
  self.started_at = now_;
  self.raw_input = execution_.raw_input;
  record("workflow.started", self);
  enter(self, Phase::input_schema);
}

namespace {

struct DueTimer {
  Time time;
  ActivationId activation = 0;
  bool deadline = false;
};

// Timers that have come, the earliest first; of equal ones the outermost, since its end takes the
// others along.
std::vector<DueTimer> due_timers(const Execution& execution, Time now) {
  std::vector<DueTimer> due;
  for (const auto& [id, activation] : execution.activations) {
    if (activation.deadline && *activation.deadline <= now)
      due.push_back({*activation.deadline, id, true});
    if (activation.due && *activation.due <= now) due.push_back({*activation.due, id, false});
  }
  std::sort(due.begin(), due.end(), [](const DueTimer& a, const DueTimer& b) {
    return std::tie(a.time, a.activation, b.deadline) < std::tie(b.time, b.activation, a.deadline);
  });
  return due;
}

}  // namespace

void Progress::fire_timers() {
  if (execution_.status != ExecutionStatus::running) return;
  for (const DueTimer& timer : due_timers(execution_, now_)) {
    Activation& self = execution_.activations.at(timer.activation);
    if (self.ended) continue;
    if (timer.deadline) {
      self.deadline.reset();
      fail(self, make_error(StandardError::timeout, "the time limit has passed",
                            self.task ? self.task->pointer : "/timeout"));
    } else if (self.due) {
      self.due.reset();
      execution_.steps = 0;
      behaviour_of(self).timer_due(*this, self);
    }
  }
}

void Progress::cancel_workflow() {
  if (execution_.ended()) return;
  if (execution_.activations.empty()) begin_workflow();
  if (execution_.ended()) return;
  cancel_below(root());
  execution_.status = ExecutionStatus::cancelled;
  execution_.finished_at = now_;
  record("workflow.cancelled", root());
  close(root());
}

void Progress::suspend_workflow() {
  if (execution_.status == ExecutionStatus::pending) begin_workflow();
  if (execution_.status != ExecutionStatus::running) return;
  execution_.status = ExecutionStatus::suspended;
  execution_.suspended_at = now_;
  record("workflow.suspended", root());
  record_for_started("task.suspended");
}

// Time spent suspended does not count: timers move by it.
void Progress::resume_workflow() {
  if (execution_.status != ExecutionStatus::suspended) return;
  const Duration paused = now_ - execution_.suspended_at.value_or(now_);
  for (auto& [id, activation] : execution_.activations) {
    if (activation.deadline) *activation.deadline += paused;
    if (activation.due) *activation.due += paused;
  }
  execution_.status = ExecutionStatus::running;
  execution_.suspended_at.reset();
  record("workflow.resumed", root());
  record_for_started("task.resumed");
}

void Progress::record_for_started(std::string_view type) {
  for (const auto& [id, activation] : execution_.activations)
    if (activation.task != nullptr && !activation.ended && activation.phase != Phase::condition)
      record(type, activation);
}

void Progress::break_workflow(WorkflowError error) {
  if (execution_.ended()) return;
  if (execution_.activations.empty()) begin_workflow();
  if (!execution_.ended()) fail(root(), std::move(error));
}

namespace {

// The activation if it awaits this, else nullptr: an answer that comes too late changes nothing.
Activation* find_awaiting(Execution& execution, ActivationId id, Awaiting awaiting) {
  const auto found = execution.activations.find(id);
  if (found == execution.activations.end() || found->second.awaiting != awaiting) return nullptr;
  return &found->second;
}

struct Dispatch {
  Execution& execution;
  Progress& progress;

  void operator()(const Started&) { progress.begin_workflow(); }
  void operator()(const Evaluated& event) {
    if (Activation* self = find_awaiting(execution, event.activation, Awaiting::evaluation))
      progress.answer_evaluation(*self, event.result);
  }
  void operator()(const Validated& event) {
    if (Activation* self = find_awaiting(execution, event.activation, Awaiting::validation))
      progress.answer_validation(*self, event.result);
  }
  void operator()(const EffectEnded& event) {
    if (Activation* self = find_awaiting(execution, event.activation, Awaiting::effect))
      progress.answer_effect(*self, event.result);
  }
  void operator()(const Tick&) { progress.fire_timers(); }
  void operator()(const CancelRequested&) { progress.cancel_workflow(); }
  void operator()(const SuspendRequested&) { progress.suspend_workflow(); }
  void operator()(const ResumeRequested&) { progress.resume_workflow(); }
  void operator()(const Broken& event) { progress.break_workflow(event.error); }
};

}  // namespace

Execution apply(Execution execution, const Event& event) {
  if (execution.ended()) return execution;
  Progress progress(execution, event.at, event.draw);
  std::visit(Dispatch{execution, progress}, event.what);
  progress.run_ready();
  return execution;
}

}  // namespace auterity::engine
