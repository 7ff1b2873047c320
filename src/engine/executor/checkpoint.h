#pragma once
// From an execution to what the store keeps of it. Pure, but for the facts, which a checkpoint
// takes out of the execution.
#include <optional>

#include "engine/execution/execution.h"
#include "engine/execution/secret_mask.h"
#include "engine/execution/value_texts.h"
#include "engine/store/execution_store.h"

namespace auterity::engine {

struct CheckpointPlace {
  std::int64_t term = 0;
  std::int64_t seq = 0;
  WakeReason wake = WakeReason::lease;  // ignored once the execution has ended
  std::optional<Time> wake_at;          // for timer
};

// Secrets in facts, output and error are masked.
Checkpoint make_checkpoint(Execution& execution, const SecretMask& mask, ValueTexts& texts,
                           const CheckpointPlace& place);

// The bounded label of metrics: the definition's tag `type`.
std::string workflow_type_of(const Definition& definition);

// `view` as it stands after `checkpoint`.
void update_view(ExecutionView& view, const Checkpoint& checkpoint);

}  // namespace auterity::engine
