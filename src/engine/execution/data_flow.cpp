// The data flow that all tasks share (DSL, Data Flow): if → input.schema → input.from → body →
// output.as → output.schema → export.as → export.schema, and the workflow's own part of it.
#include <boost/json/value.hpp>

#include "engine/definition/duration.h"
#include "engine/execution/progress.h"
#include "engine/execution/task_behaviour.h"
#include "engine/expression/evaluator.h"

namespace auterity::engine {
namespace {

const Schema* find_schema(const std::optional<Schema>& schema) {
  return schema ? &*schema : nullptr;
}

Question ask_about(const std::optional<Template>& what, const Value& data) {
  return {.what = what ? &*what : nullptr, .data = data};
}

Question ask_about(const std::optional<DurationValue>& duration, const Value& data) {
  return {.duration = duration ? &*duration : nullptr, .data = data};
}

Question question_of_workflow(const Execution& execution, const Activation& self) {
  const Definition& definition = execution.definition();
  switch (self.phase) {
    case Phase::input_from:
      return ask_about(definition.input.from, self.raw_input);
    case Phase::timeout:
      return ask_about(definition.timeout, self.input);
    case Phase::output_as:
      return ask_about(definition.output.as, self.raw_output);
    default:
      return {};
  }
}

Question question_of_task(const Execution& execution, const Activation& self) {
  const Task& task = *self.task;
  switch (self.phase) {
    case Phase::condition:
      return ask_about(task.condition, self.raw_input);
    case Phase::input_from:
      return ask_about(task.input.from, self.raw_input);
    case Phase::timeout:
      return ask_about(task.timeout, self.input);
    case Phase::body:
      return behaviour_of(self).question(execution, self);
    case Phase::output_as:
      return ask_about(task.output.as, self.raw_output);
    case Phase::export_as:
      return ask_about(task.export_to.as, self.output);
    default:
      return {};
  }
}

}  // namespace

Question question_of(const Execution& execution, const Activation& activation) {
  return activation.task == nullptr ? question_of_workflow(execution, activation)
                                    : question_of_task(execution, activation);
}

const Schema* schema_of(const Execution& execution, const Activation& activation, Phase phase) {
  const Task* task = activation.task;
  const Definition& definition = execution.definition();
  switch (phase) {
    case Phase::input_schema:
      return find_schema(task ? task->input.schema : definition.input.schema);
    case Phase::output_schema:
      return find_schema(task ? task->output.schema : definition.output.schema);
    case Phase::export_schema:
      return task ? find_schema(task->export_to.schema) : nullptr;
    default:
      return nullptr;
  }
}

std::string instance_of(const Activation& activation) {
  if (activation.task != nullptr) return activation.task->pointer;
  switch (activation.phase) {
    case Phase::input_schema:
      return "/input/schema";
    case Phase::input_from:
      return "/input/from";
    case Phase::timeout:
    case Phase::body:
      return "/timeout";
    case Phase::output_as:
      return "/output/as";
    case Phase::output_schema:
      return "/output/schema";
    default:
      return "/";
  }
}

void Progress::enter(Activation& self, Phase phase) {
  for (;;) {
    self.phase = phase;
    self.awaiting = Awaiting::nothing;
    if (phase == Phase::body) return begin_body(self);
    if (phase == Phase::input_schema && self.task != nullptr) record("task.started", self);
    if (pause_in(self, phase)) return;
    leave_without_question(self, phase);
    if (phase == Phase::export_schema) return finish(self);
    phase = static_cast<Phase>(static_cast<int>(phase) + 1);
  }
}

// Asks what this phase has to ask; false when it has nothing.
bool Progress::pause_in(Activation& self, Phase phase) {
  if (schema_of(execution_, self, phase) != nullptr) {
    self.awaiting = Awaiting::validation;
    return true;
  }
  if (question_of(execution_, self).empty()) return false;
  ask(self, 0);
  return true;
}

void Progress::leave_without_question(Activation& self, Phase phase) {
  if (phase == Phase::input_from) self.input = self.raw_input;
  if (phase == Phase::output_as) self.output = self.raw_output;
}

void Progress::begin_body(Activation& self) {
  self.step = 0;
  self.moment = now_;
  behaviour_of(self).begin(*this, self);
}

void Progress::apply_answer(Activation& self, Value answer) {
  const Phase phase = self.phase;
  switch (phase) {
    case Phase::condition:
      if (!is_truthy(*answer)) return skip(self);
      break;
    case Phase::input_from:
      self.input = std::move(answer);
      break;
    case Phase::timeout:
      self.deadline = self.started_at + Duration(answer->to_number<std::int64_t>());
      break;
    case Phase::body:
      self.awaiting = Awaiting::nothing;
      return behaviour_of(self).answered(*this, self, std::move(answer));
    case Phase::output_as:
      self.output = std::move(answer);
      break;
    case Phase::export_as:
      execution_.context = std::move(answer);
      break;
    default:
      return;
  }
  enter(self, static_cast<Phase>(static_cast<int>(phase) + 1));
}

void Progress::answer_evaluation(Activation& self, std::expected<Json, WorkflowError> result) {
  if (!result) return fail(self, std::move(result).error());
  if (!within_limits(self, *result)) return;
  if (question_of(execution_, self).duration != nullptr) {
    const Result<Duration> duration = to_duration(*result);
    if (!duration)
      return fail(self, make_error(StandardError::expression, duration.error().message, {}));
    *result = duration->count();
  }
  apply_answer(self, make_value(std::move(*result)));
}

void Progress::answer_validation(Activation& self, std::expected<void, WorkflowError> result) {
  if (!result) return fail(self, std::move(result).error());
  const Phase phase = self.phase;
  if (phase == Phase::export_schema) return finish(self);
  enter(self, static_cast<Phase>(static_cast<int>(phase) + 1));
}

void Progress::answer_effect(Activation& self, std::expected<Json, WorkflowError> result) {
  execution_.steps = 0;
  self.awaiting = Awaiting::nothing;
  if (!result) return fail(self, std::move(result).error());
  if (!within_limits(self, *result)) return;
  behaviour_of(self).effect_ended(*this, self, make_value(std::move(*result)));
}

}  // namespace auterity::engine
