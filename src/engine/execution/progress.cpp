#include "engine/execution/progress.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/object.hpp>
#include <cassert>

#include "engine/execution/arguments.h"
#include "engine/execution/restart.h"
#include "engine/execution/task_behaviour.h"

namespace auterity::engine {
namespace {

// Outputs up to this size are part of the fact that a task has completed; larger ones would make
// history outgrow the state.
constexpr std::size_t kShownOutputBytes = 4096;

// Of a short workflow; one allocation instead of several.
constexpr std::size_t kUsualFacts = 16;

std::uint64_t mix(std::uint64_t bits) {  // SplitMix64's finaliser
  bits = (bits ^ (bits >> 30)) * 0xbf58476d1ce4e5b9ull;
  bits = (bits ^ (bits >> 27)) * 0x94d049bb133111ebull;
  return bits ^ (bits >> 31);
}

JsonObject show_output(const Value& output) {
  if (approximate_size(*output, kShownOutputBytes) >= kShownOutputBytes) return {};
  return {{"output", *output}};
}

// Children by descending id: what was started last is cancelled first.
std::vector<ActivationId> children_of(const Execution& execution, ActivationId parent) {
  std::vector<ActivationId> children;
  for (auto at = execution.activations.rbegin(); at != execution.activations.rend(); ++at)
    if (at->second.parent == parent && !at->second.ended) children.push_back(at->first);
  return children;
}

}  // namespace

std::uint64_t Progress::draw_below(std::uint64_t bound) {
  return mix(draw_ + ++draws_ * 0x9e3779b97f4a7c15ull) % bound;
}

Activation& Progress::root() { return execution_.activations.begin()->second; }

void Progress::record(std::string_view type, const Activation& about, JsonObject data) {
  if (execution_.facts.capacity() == 0) execution_.facts.reserve(kUsualFacts);
  HistoryEvent fact;
  fact.number = ++execution_.last_event;
  fact.at = now_;
  fact.type = type;
  if (about.task != nullptr) fact.task = about.task->pointer;
  fact.data = std::move(data);
  execution_.facts.push_back(std::move(fact));
}

void Progress::ask(Activation& self, std::uint16_t step) {
  self.step = step;
  self.awaiting = Awaiting::evaluation;
  // An effect is repeated with equal arguments: all of them see the time at which its body began.
  if (self.phase != Phase::body || !behaviour_of(self).has_effect()) self.moment = now_;
  const Question question = question_of(execution_, self);
  assert(!question.empty() && question.data);
  if (question.duration != nullptr && std::holds_alternative<Duration>(question.duration->value)) {
    apply_answer(self, make_value(Json(std::get<Duration>(question.duration->value).count())));
    return;
  }
  const Template& what =
      question.what != nullptr ? *question.what : std::get<Template>(question.duration->value);
  auto arguments = bind_arguments(execution_, self, what);
  if (!arguments) return fail(self, std::move(arguments).error());
  auto result =
      evaluate_natively(*execution_.definition().expressions, what, *question.data, *arguments);
  if (!result) return;  // jq is needed: decide() asks for it
  if (!*result)
    return fail(self, make_error(StandardError::expression, result->error().message, {}));
  answer_evaluation(self, std::move(**result));
}

void Progress::run_list(Activation& self, std::uint16_t step, Value raw_input) {
  self.step = step;
  const TaskBehaviour& behaviour = behaviour_of(self);
  const TaskList& tasks = behaviour.list(execution_, self);
  if (tasks.empty())
    behaviour.list_ended(*this, self, std::move(raw_input));
  else
    start_child(self, *tasks.front(), 0, std::move(raw_input));
}

void Progress::start_child(Activation& self, const Task& task, std::uint32_t position,
                           Value raw_input) {
  if (self.ended) return;
  if (++execution_.steps > execution_.surroundings->limits.max_steps) {
    break_workflow(make_error(
        StandardError::runtime,
        fmt::format(
            "{} tasks ran without a call, an event or a wait between them; give the loop an "
            "end, or a wait",
            execution_.surroundings->limits.max_steps),
        task.pointer));
    return;
  }
  self.awaiting = Awaiting::children;
  const ActivationId id = ++execution_.last_activation;
  Activation& child = execution_.activations[id];
  child.id = id;
  child.parent = self.id;
  child.task = &task;
  child.position = position;
  child.started_at = child.moment = now_;
  child.attempt = std::holds_alternative<TryTask>(task.body) ? 1 : self.attempt;
  if (self.task == nullptr) leave_trail(execution_, task, raw_input);
  child.raw_input = std::move(raw_input);
  record("task.created", child);
  execution_.ready.push_back(id);
}

void Progress::continue_list(Activation& self, const Activation& child, const FlowDirective& then) {
  const TaskBehaviour& behaviour = behaviour_of(self);
  const TaskList& tasks = behaviour.list(execution_, self);
  std::size_t next = tasks.size();
  if (then.kind == FlowDirective::Kind::next) next = child.position + 1;
  if (then.kind == FlowDirective::Kind::go_to) next = then.target;
  if (next >= tasks.size())
    behaviour.list_ended(*this, self, child.output);
  else
    start_child(self, *tasks[next], static_cast<std::uint32_t>(next), child.output);
}

void Progress::sleep_until(Activation& self, std::uint16_t step, Time due) {
  self.step = step;
  self.awaiting = Awaiting::timer;
  self.due = due;
}

void Progress::request_effect(Activation& self, std::uint16_t step) {
  self.step = step;
  self.awaiting = Awaiting::effect;
}

void Progress::complete(Activation& self, Value raw_output) {
  if (self.ended) return;
  self.due.reset();
  self.locals.reset();
  self.raw_output = std::move(raw_output);
  enter(self, Phase::output_as);
}

void Progress::close(Activation& self) {
  self.ended = true;
  self.awaiting = Awaiting::nothing;
  self.deadline.reset();
  self.due.reset();
}

void Progress::cancel_tree(Activation& self) {
  cancel_below(self);
  record("task.cancelled", self);
  close(self);
}

void Progress::cancel_below(Activation& self) {
  for (const ActivationId child : children_of(execution_, self.id))
    cancel_tree(execution_.activations.at(child));
}

void Progress::fail(Activation& self, WorkflowError error) {
  if (self.ended) return;
  if (error.instance.empty()) error.instance = instance_of(self);
  cancel_below(self);
  if (self.task == nullptr) {
    execution_.status = ExecutionStatus::faulted;
    execution_.error = make_value(error.to_json());
    execution_.finished_at = now_;
    record("workflow.faulted", self, {{"error", *execution_.error}});
    close(self);
    return;
  }
  record("task.faulted", self, {{"error", error.to_json()}});
  close(self);
  Activation& parent = execution_.activations.at(self.parent);
  behaviour_of(parent).child_failed(*this, parent, std::move(error));
}

void Progress::finish(Activation& self) {
  if (self.task == nullptr) return complete_workflow(self);
  record("task.completed", self, show_output(self.output));
  hand_to_parent(self);
}

void Progress::skip(Activation& self) {
  self.output = self.raw_input;
  record("task.completed", self, {{"skipped", true}});
  hand_to_parent(self);
}

void Progress::hand_to_parent(Activation& self) {
  const FlowDirective then = self.then.value_or(self.task->then);
  close(self);
  if (then.kind == FlowDirective::Kind::end) return end_workflow(self);
  Activation& parent = execution_.activations.at(self.parent);
  behaviour_of(parent).child_ended(*this, parent, self, then);
}

// `end` anywhere: the tasks around the last one complete with its output as it is, everything else
// is cancelled.
void Progress::end_workflow(const Activation& last) {
  for (ActivationId id = last.parent; id != root().id;) {
    Activation& around = execution_.activations.at(id);
    cancel_below(around);
    around.output = last.output;
    record("task.completed", around, show_output(last.output));
    close(around);
    id = around.parent;
  }
  cancel_below(root());
  complete(root(), last.output);
}

void Progress::complete_workflow(Activation& self) {
  execution_.status = ExecutionStatus::completed;
  execution_.output = self.output;
  execution_.finished_at = now_;
  record("workflow.completed", self, show_output(self.output));
  close(self);
}

bool Progress::within_limits(Activation& self, const Json& value) {
  const std::size_t limit = execution_.surroundings->limits.max_value_bytes;
  const std::size_t size = approximate_size(value, limit);
  new_bytes_ += size;
  if (size < limit) return true;
  fail(self,
       make_error(StandardError::runtime,
                  fmt::format("a value of this task is over {} bytes, the largest that a "
                              "workflow may hold; keep large data in files and pass references",
                              limit),
                  {}));
  return false;
}

void Progress::run_ready() {
  const ExecutionLimits& limits = execution_.surroundings->limits;
  std::uint32_t turns = 0;
  while (!execution_.ready.empty() && execution_.status == ExecutionStatus::running &&
         turns < limits.steps_a_turn && new_bytes_ < limits.bytes_a_turn) {
    ++turns;
    const ActivationId next = execution_.ready.front();
    execution_.ready.pop_front();
    const auto found = execution_.activations.find(next);
    if (found == execution_.activations.end() || found->second.ended) continue;
    Activation& self = found->second;
    if (self.phase == Phase::condition)
      enter(self, Phase::condition);
    else  // loaded while its effect was in flight: its arguments are worked out again
      behaviour_of(self).begin(*this, self);
  }
  if (execution_.ended()) execution_.ready.clear();
  std::erase_if(execution_.activations, [](const auto& entry) { return entry.second.ended; });
  std::erase_if(execution_.ready,
                [this](ActivationId id) { return !execution_.activations.contains(id); });
}

}  // namespace auterity::engine
