#include "harness/execution_checker.h"

#include <fmt/format.h>

namespace auterity::harness {

using namespace engine;

void ExecutionChecker::violation(const Uuid& id, std::string_view what) {
  report_(fmt::format("execution {}: {}", to_text(id), what));
}

void ExecutionChecker::take_events(Seen& seen, const Uuid& id,
                                   const std::vector<HistoryEvent>& events) {
  for (const HistoryEvent& event : events) {
    if (event.number != seen.last_event + 1)
      violation(id, fmt::format("event {} ({} {}) follows event {}", event.number, event.type,
                                event.task, seen.last_event));
    seen.last_event = event.number;
  }
}

void ExecutionChecker::take(Seen& seen, const Checkpoint& checkpoint) {
  ++checkpoints_;
  if (checkpoint.seq != seen.seq + 1)
    violation(checkpoint.id, fmt::format("checkpoint {} follows {}", checkpoint.seq, seen.seq));
  if (checkpoint.term < seen.term)
    violation(checkpoint.id,
              fmt::format("term {} wrote after term {} had begun", checkpoint.term, seen.term));
  if (seen.ended) violation(checkpoint.id, "written after it had ended");
  const bool ended = is_terminal(checkpoint.status);
  if (ended != (checkpoint.wake == WakeReason::none))
    violation(checkpoint.id, "an execution has a reason to wake exactly until it has ended");
  seen.seq = checkpoint.seq;
  seen.ended = ended;
  take_events(seen, checkpoint.id, checkpoint.events);
  seen.last = checkpoint;
}

void ExecutionChecker::created(const std::string& owner, const NewExecution& execution,
                               const std::optional<Checkpoint>& first, const Created& created) {
  if (created.existing || seen_.contains(execution.id)) return;
  Seen& seen = seen_[execution.id];
  if (created.term > 0) {
    seen.term = created.term;
    seen.owners[created.term] = owner;
  }
  if (first) {
    seen.term = std::max(seen.term, first->term);
    take(seen, *first);
  }
}

void ExecutionChecker::saved(const std::string& owner, const Checkpoint& checkpoint) {
  Seen& seen = seen_[checkpoint.id];
  if (checkpoint.seq == seen.seq && checkpoint.term == seen.last.term) {
    ++repetitions_;
    if (checkpoint.state != seen.last.state || checkpoint.status != seen.last.status ||
        checkpoint.events.size() != seen.last.events.size())
      violation(checkpoint.id, "a repeated checkpoint differs from the first");
    return;
  }
  const auto known = seen.owners.find(checkpoint.term);
  if (known == seen.owners.end() || known->second != owner)
    violation(checkpoint.id,
              fmt::format("{} writes in term {}, which belongs to {}", owner, checkpoint.term,
                          known == seen.owners.end() ? "nobody" : known->second));
  take(seen, checkpoint);
}

void ExecutionChecker::claimed(const std::string& owner, const ClaimedExecution& claimed) {
  Seen& seen = seen_[claimed.id];
  if (claimed.term <= seen.term)
    violation(claimed.id,
              fmt::format("{} claims term {} after term {}", owner, claimed.term, seen.term));
  if (seen.ended) violation(claimed.id, "claimed after it had ended");
  if (claimed.seq != seen.seq)
    violation(claimed.id,
              fmt::format("claimed at checkpoint {} instead of {}", claimed.seq, seen.seq));
  seen.term = claimed.term;
  seen.owners[claimed.term] = owner;
}

void ExecutionChecker::performed(const Uuid& id, std::string_view activation) {
  const Seen& seen = seen_[id];
  if (seen.last.state.find(fmt::format("\"id\":{},", activation)) == std::string::npos)
    violation(id, fmt::format("activation {} is performed and checkpoint {} does not know of it",
                              activation, seen.seq));
}

void ExecutionChecker::restarted(const Uuid& id, const std::vector<HistoryEvent>& events) {
  Seen& seen = seen_[id];
  seen.ended = false;
  ++seen.term;
  ++seen.seq;
  take_events(seen, id, events);
}

}  // namespace auterity::harness
