#include "cli/operation_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "cli/output.h"
#include "cli/progress.h"
#include "core/moment.h"

namespace auterity::cli {
namespace {

using operations::OperationHistory;
using operations::RecordKind;
using operations::StepHistory;
using operations::StepState;

std::string fact(std::string_view name, std::string_view value) {
  return value.empty() ? "" : fmt::format("  {:<10}{}\n", name, printable(value));
}

std::string_view verb(RecordKind kind) {
  switch (kind) {
    case RecordKind::resumed:
      return "resumed";
    case RecordKind::undoing:
      return "undone";
    default:
      return "ended";
  }
}

std::string head(const OperationHistory& operation, bool lock_held) {
  std::string text = fmt::format("{} {} of {}: {}\n", operation.plan.operation, operation.id,
                                 operation.plan.environment, operation.state_name(lock_held));
  text += fact("who", operation.attribution.who) + fact("why", operation.attribution.why) +
          fact("program", operation.attribution.program) +
          fact("started", moment(operation.started_at));
  for (const operations::Continuation& next : operation.continuations)
    text += fact(verb(next.kind), fmt::format("{} by {}{}{}", moment(next.at), next.by.who,
                                              next.by.why.empty() ? "" : ": ", next.by.why));
  if (operation.finished_at)
    text +=
        fact("finished", fmt::format("{}, after {}", moment(*operation.finished_at),
                                     elapsed_text(*operation.finished_at - operation.started_at)));
  return text + fact("failed at", operation.failure);
}

// "done in 1.2 s"; of what was taken back the time in between says nothing.
std::string progress_of(const StepHistory& step) {
  // A step that only looks did its work by that: nothing was there already.
  const bool looked = step.state == StepState::already_done && !step.planned.lasting &&
                      step.planned.undo_policy == operations::UndoPolicy::keep;
  const std::string_view state = operations::name_of(looked ? StepState::done : step.state);
  const bool timed = looked || step.state == StepState::done || step.state == StepState::failed;
  if (!timed || !step.began_at || !step.at) return std::string(state);
  return fmt::format("{} in {}", state, elapsed_text(*step.at - *step.began_at));
}

}  // namespace

std::string operation_text(const OperationHistory& operation, bool lock_held) {
  std::string text = head(operation, lock_held) + changes_text(operation.plan) + "\n";
  std::size_t width = 0;
  for (const StepHistory& step : operation.steps) width = std::max(width, step.planned.name.size());
  int number = 0;
  for (const StepHistory& step : operation.steps) {
    text +=
        fmt::format("{:>4}. {:<{}}  {}\n", ++number, step.planned.name, width, progress_of(step));
    text += fmt::format("      {}\n", step.planned.description);
    if (!step.text.empty()) text += fmt::format("      → {}\n", printable(step.text));
  }
  return text;
}

}  // namespace auterity::cli
