#include "engine/execution/task_behaviour.h"

#include <cassert>

#include "engine/tasks/registry.h"

namespace auterity::engine {

Question TaskBehaviour::question(const Execution&, const Activation&) const { return {}; }

void TaskBehaviour::answered(Progress&, Activation&, Value) const {
  assert(false && "this task asks nothing");
}

const TaskList& TaskBehaviour::list(const Execution&, const Activation&) const {
  static const TaskList none;
  return none;
}

void TaskBehaviour::list_ended(Progress& progress, Activation& self, Value output) const {
  progress.complete(self, std::move(output));
}

void TaskBehaviour::child_ended(Progress& progress, Activation& self, const Activation& child,
                                const FlowDirective& then) const {
  progress.continue_list(self, child, then);
}

void TaskBehaviour::child_failed(Progress& progress, Activation& self, WorkflowError error) const {
  progress.fail(self, std::move(error));
}

void TaskBehaviour::timer_due(Progress&, Activation&) const {
  assert(false && "this task has no timer");
}

EffectKind TaskBehaviour::effect_kind() const {
  assert(false && "this task has no effect");
  return EffectKind::call_http;
}

Json TaskBehaviour::effect_arguments(const Execution&, const Activation&) const { return nullptr; }

void TaskBehaviour::effect_ended(Progress& progress, Activation& self, Value result) const {
  progress.complete(self, std::move(result));
}

namespace {

// The workflow itself: its body is the main list.
class WorkflowBehaviour final : public TaskBehaviour {
 public:
  void begin(Progress& progress, Activation& self) const override {
    progress.run_list(self, 0, self.input);
  }
  const TaskList& list(const Execution& execution, const Activation&) const override {
    return execution.definition().tasks;
  }
};

}  // namespace

const TaskBehaviour& behaviour_of(const Activation& activation) {
  static const WorkflowBehaviour workflow;
  return activation.task == nullptr ? workflow : find_behaviour(activation.task->body);
}

}  // namespace auterity::engine
