#pragma once
// What belongs to one DSL keyword. A behaviour has no state: everything it must remember is in the
// Activation it is given, whose `step` says where in its body it stands. It acts through Progress
// alone and returns at once after having called one of its verbs that hand control on (ask,
// run_list, sleep_until, request_effect, complete, fail). The list of all behaviours is
// tasks/registry.cpp.
#include <cstdint>

#include "engine/execution/execution.h"
#include "engine/execution/progress.h"
#include "engine/executor/effects.h"

namespace auterity::engine {

// What an activation wants evaluated: a template, or a length of time (answered in microseconds).
struct Question {
  const Template* what = nullptr;
  const DurationValue* duration = nullptr;
  Value data;

  bool empty() const { return what == nullptr && duration == nullptr; }
};

class TaskBehaviour {
 public:
  virtual ~TaskBehaviour() = default;
  // The body starts; self.input is the transformed input.
  virtual void begin(Progress& progress, Activation& self) const = 0;
  // What ask() at self.step is about.
  virtual Question question(const Execution& execution, const Activation& self) const;
  virtual void answered(Progress& progress, Activation& self, Value answer) const;
  // The list that run_list() at self.step runs.
  virtual const TaskList& list(const Execution& execution, const Activation& self) const;
  virtual void list_ended(Progress& progress, Activation& self, Value output) const;
  // A child has completed; `then` is where it wants to go (never `end`). The default goes on in
  // list().
  virtual void child_ended(Progress& progress, Activation& self, const Activation& child,
                           const FlowDirective& then) const;
  // A child has faulted. The default faults, too.
  virtual void child_failed(Progress& progress, Activation& self, WorkflowError error) const;
  // self.due has come.
  virtual void timer_due(Progress& progress, Activation& self) const;
  // Whether the body ends in an effect; its kind and resolved arguments.
  virtual bool has_effect() const { return false; }
  virtual EffectKind effect_kind() const;
  virtual Json effect_arguments(const Execution& execution, const Activation& self) const;
  virtual void effect_ended(Progress& progress, Activation& self, Value result) const;
};

// The behaviour of an activation: of its task's keyword, or of the workflow itself.
const TaskBehaviour& behaviour_of(const Activation& activation);

}  // namespace auterity::engine
