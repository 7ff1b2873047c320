#include "engine/executor/checkpoint.h"

#include "engine/execution/execution_json.h"

namespace auterity::engine {
namespace {

ExecutionStatus status_of(const Execution& execution, WakeReason wake) {
  if (execution.status == ExecutionStatus::running && wake == WakeReason::timer)
    return ExecutionStatus::waiting;
  return execution.status;
}

}  // namespace

Checkpoint make_checkpoint(Execution& execution, const SecretMask& mask, ValueTexts& texts,
                           const CheckpointPlace& place) {
  Checkpoint checkpoint;
  checkpoint.id = execution.surroundings->id;
  checkpoint.term = place.term;
  checkpoint.seq = place.seq;
  checkpoint.wake = execution.ended() ? WakeReason::none : place.wake;
  if (checkpoint.wake == WakeReason::timer) checkpoint.wake_at = place.wake_at;
  checkpoint.status = status_of(execution, checkpoint.wake);
  // A completed execution can be restarted from its beginning only; the others need their trail.
  if (execution.status != ExecutionStatus::completed)
    checkpoint.state = write_state(execution, texts);
  checkpoint.events = std::exchange(execution.facts, {});
  if (!mask.empty())
    for (HistoryEvent& event : checkpoint.events) event.data = mask.mask(event.data);
  if (execution.output) checkpoint.output = mask.mask(*execution.output);
  if (execution.error) checkpoint.error = mask.mask(*execution.error);
  checkpoint.finished_at = execution.finished_at;
  return checkpoint;
}

std::string workflow_type_of(const Definition& definition) {
  return std::string(string_or(find_member(definition.tags, "type"), "untyped"));
}

void update_view(ExecutionView& view, const Checkpoint& checkpoint) {
  view.status = checkpoint.status;
  view.wake = checkpoint.wake;
  view.wake_at = checkpoint.wake_at;
  view.output = checkpoint.output.value_or(nullptr);
  view.error = checkpoint.error.value_or(nullptr);
  view.finished_at = checkpoint.finished_at;
}

}  // namespace auterity::engine
