#include "engine/execution/decide.h"

#include <fmt/format.h>

#include <cassert>

#include "engine/execution/arguments.h"
#include "engine/execution/progress.h"
#include "engine/execution/task_behaviour.h"

namespace auterity::engine {
namespace {

void keep_earlier(std::optional<Time>& earliest, const std::optional<Time>& other) {
  if (other && (!earliest || *other < *earliest)) earliest = other;
}

std::optional<Command> wish_of(const Activation& activation) {
  switch (activation.awaiting) {
    case Awaiting::evaluation:
      return Evaluate{activation.id};
    case Awaiting::validation:
      return Validate{activation.id};
    case Awaiting::effect:
      return StartEffect{activation.id, behaviour_of(activation).effect_kind()};
    case Awaiting::nothing:
    case Awaiting::timer:
    case Awaiting::children:
      return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace

std::vector<Command> decide(const Execution& execution, Time now) {
  std::vector<Command> commands;
  if (execution.ended()) {
    commands.push_back(Finish{});
    return commands;
  }
  if (execution.status == ExecutionStatus::suspended) return commands;
  std::optional<Time> earliest;
  for (const auto& [id, activation] : execution.activations) {
    if (const auto wish = wish_of(activation)) commands.push_back(*wish);
    keep_earlier(earliest, activation.deadline);
    keep_earlier(earliest, activation.due);
  }
  if (!execution.ready.empty() || (earliest && *earliest <= now))
    commands.push_back(Advance{});
  else if (earliest)
    commands.push_back(SleepUntil{*earliest});
  return commands;
}

std::expected<Evaluation, WorkflowError> evaluation_of(const Execution& execution,
                                                       ActivationId activation) {
  const Activation* self = find_activation(execution, activation);
  assert(self != nullptr && self->awaiting == Awaiting::evaluation);
  const Question question = question_of(execution, *self);
  Evaluation evaluation;
  evaluation.what =
      question.what != nullptr ? question.what : &std::get<Template>(question.duration->value);
  evaluation.data = question.data;
  auto arguments = bind_arguments(execution, *self, *evaluation.what);
  if (!arguments) return std::unexpected(std::move(arguments).error());
  evaluation.arguments = std::move(*arguments);
  return evaluation;
}

Validation validation_of(const Execution& execution, ActivationId activation) {
  const Activation* self = find_activation(execution, activation);
  assert(self != nullptr && self->awaiting == Awaiting::validation);
  Validation validation;
  validation.schema = schema_of(execution, *self, self->phase);
  validation.instance = instance_of(*self);
  validation.task = self->task;
  switch (self->phase) {
    case Phase::input_schema:
      validation.data = self->raw_input;
      break;
    case Phase::output_schema:
      validation.data = self->output;
      break;
    default:
      validation.data = execution.context;
  }
  return validation;
}

EffectRequest effect_of(const Execution& execution, ActivationId activation) {
  const Activation* self = find_activation(execution, activation);
  assert(self != nullptr && self->awaiting == Awaiting::effect);
  const TaskBehaviour& behaviour = behaviour_of(*self);
  const Uuid& id = execution.surroundings->id;
  EffectRequest request;
  request.kind = behaviour.effect_kind();
  request.definition = execution.surroundings->definition;
  request.task = self->task;
  request.execution = id;
  request.activation = self->id;
  request.attempt = self->attempt;
  request.idempotency_key = effect_key(execution, *self);
  request.traceparent = execution.surroundings->traceparent;
  request.arguments = behaviour.effect_arguments(execution, *self);
  request.input = self->input;
  return request;
}

std::string effect_key(const Execution& execution, const Activation& activation) {
  return fmt::format("{}:{}:{}", to_text(execution.surroundings->id), activation.id,
                     activation.attempt);
}

}  // namespace auterity::engine
