#include "engine/execution/restart.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/object.hpp>

namespace auterity::engine {
namespace {

std::string kept_tasks(const Execution& execution) {
  std::string names;
  for (const TrailEntry& entry : execution.trail)
    names += (names.empty() ? "" : ", ") + entry.task->pointer;
  return names.empty() ? "from the beginning" : "from the beginning or from one of " + names;
}

const Task* find_main_task(const Definition& definition, std::string_view pointer) {
  for (const TaskPtr& task : definition.tasks)
    if (task->pointer == pointer) return task.get();
  return nullptr;
}

void forget_progress(Execution& execution) {
  execution.activations.clear();
  execution.ready.clear();
  execution.output.reset();
  execution.error.reset();
  execution.finished_at.reset();
  execution.suspended_at.reset();
  execution.steps = 0;
}

}  // namespace

void leave_trail(Execution& execution, const Task& task, const Value& raw_input) {
  std::erase_if(execution.trail, [&](const TrailEntry& entry) { return entry.task == &task; });
  execution.trail.push_back({&task, raw_input, execution.context});
}

Result<Execution> cut_back(Execution execution, std::string_view from, Time now) {
  forget_progress(execution);
  if (from.empty()) {
    execution.trail.clear();
    execution.context = make_value(JsonObject{});
    execution.status = ExecutionStatus::pending;
    return execution;
  }
  const Task* task = find_main_task(execution.definition(), from);
  if (task == nullptr)
    return fail(ErrorKind::invalid_input,
                fmt::format("'{}' is not a task of the workflow's main list", from),
                "name one by its pointer, such as /do/0/name");
  const auto entry = std::ranges::find(execution.trail, task, &TrailEntry::task);
  if (entry == execution.trail.end())
    return fail(ErrorKind::not_ready,
                fmt::format("the input that '{}' got is not known: it never started, or it is too "
                            "long ago",
                            from),
                "restart " + kept_tasks(execution));
  const TrailEntry chosen = *entry;
  execution.trail.erase(entry, execution.trail.end());
  execution.context = chosen.context;
  execution.status = ExecutionStatus::running;
  const ActivationId root = ++execution.last_activation;
  const ActivationId child = ++execution.last_activation;
  Activation& workflow = execution.activations[root];
  workflow.id = root;
  workflow.started_at = now;
  workflow.phase = Phase::body;
  workflow.awaiting = Awaiting::children;
  workflow.raw_input = execution.raw_input;
  workflow.input = chosen.raw_input;
  Activation& activation = execution.activations[child];
  activation.id = child;
  activation.parent = root;
  activation.task = task;
  activation.started_at = now;
  activation.raw_input = chosen.raw_input;
  const auto& tasks = execution.definition().tasks;
  activation.position =
      static_cast<std::uint32_t>(std::ranges::find(tasks, task, &TaskPtr::get) - tasks.begin());
  leave_trail(execution, *task, chosen.raw_input);
  execution.ready.push_back(child);
  return execution;
}

}  // namespace auterity::engine
