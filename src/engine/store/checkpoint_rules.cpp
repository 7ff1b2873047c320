#include "engine/store/checkpoint_rules.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/digest.h"
#include "engine/store/history_text.h"

namespace auterity::engine {
namespace {

// A fire time is remembered for so long, beyond any time at which it could be tried again.
constexpr Duration kScheduleWindow = std::chrono::hours(24 * 35);

std::unexpected<Error> bug(const Checkpoint& checkpoint, std::string_view what) {
  return fail(ErrorKind::internal,
              fmt::format("checkpoint {} of execution {}: {}", checkpoint.seq,
                          to_text(checkpoint.id), what),
              "report this; the execution goes on from the checkpoint before");
}

std::optional<std::string> text_of(const std::optional<Json>& value) {
  return value ? std::optional(auterity::to_text(*value)) : std::nullopt;
}

HistoryRow history_row(const Checkpoint& checkpoint) {
  HistoryRow row{.seq = checkpoint.seq, .term = checkpoint.term};
  row.last_event = checkpoint.events.empty() ? 0 : checkpoint.events.back().number;
  row.events = history_to_text(checkpoint.events);
  if (!checkpoint.state.empty()) row.state = checkpoint.state;
  return row;
}

std::optional<Time> due_of(const Checkpoint& checkpoint, Time now) {
  if (checkpoint.wake == WakeReason::timer) return checkpoint.wake_at;
  if (checkpoint.wake == WakeReason::ready) return now;
  return std::nullopt;
}

std::optional<Time> finished_of(const Checkpoint& checkpoint, Time now) {
  if (!is_terminal(checkpoint.status)) return std::nullopt;
  return checkpoint.finished_at.value_or(now);
}

std::optional<StartKey> key_of(const NewExecution& execution, Duration idempotency_window) {
  if (execution.scheduled_for)
    return StartKey{
        .kind = std::string(kScheduleKind),
        .key = to_rfc3339(*execution.scheduled_for),
        .input_digest = {},
        .expires_at = std::max(execution.created_at, *execution.scheduled_for) + kScheduleWindow};
  if (execution.idempotency_key)
    return StartKey{.kind = std::string(kIdempotencyKind),
                    .key = *execution.idempotency_key,
                    .input_digest = sha256_hex(to_canonical_text(execution.input)),
                    .expires_at = execution.created_at + idempotency_window};
  return std::nullopt;
}

void take_first(const Checkpoint& first, Time now, std::optional<Duration> lease,
                CreateWrite& write) {
  write.term = first.term;
  write.status = first.status;
  write.wake = first.wake;
  write.started_at = write.created_at;
  write.finished_at = finished_of(first, now);
  write.due_at =
      first.wake == WakeReason::lease ? now + lease.value_or(Duration{}) : due_of(first, now);
  write.output = text_of(first.output);
  write.error = text_of(first.error);
  write.first = history_row(first);
}

}  // namespace

Status check(const Checkpoint& checkpoint) {
  const bool ended = is_terminal(checkpoint.status);
  if (checkpoint.term < 1 || checkpoint.seq < 1)
    return bug(checkpoint, "term and seq begin with 1");
  if (ended != (checkpoint.wake == WakeReason::none))
    return bug(checkpoint, fmt::format("status {} cannot have the wake reason {}",
                                       to_text(checkpoint.status), to_text(checkpoint.wake)));
  if (checkpoint.wake == WakeReason::timer && !checkpoint.wake_at)
    return bug(checkpoint, "a timer needs its time");
  std::int64_t last = 0;
  for (const HistoryEvent& event : checkpoint.events) {
    if (event.number <= last) return bug(checkpoint, "the numbers of events must grow");
    last = event.number;
  }
  return {};
}

Result<CreateWrite> create_write(const NewExecution& execution,
                                 const std::optional<Checkpoint>& first, std::string owner,
                                 std::optional<Duration> lease, Time now,
                                 Duration idempotency_window) {
  CreateWrite write{.id = execution.id, .workflow_id = execution.workflow_id};
  write.created_at = execution.created_at;
  write.due_at = execution.created_at;
  if (lease) {
    write.term = 1;
    write.status = ExecutionStatus::running;
    write.wake = WakeReason::lease;
    write.started_at = execution.created_at;
    write.due_at = now + *lease;
  }
  if (first) {
    AUTERITY_CHECK(check(*first));
    if (first->term != 1 || first->seq != 1)
      return bug(*first, "the first checkpoint has term 1 and seq 1");
    take_first(*first, now, lease, write);
  }
  if (write.wake == WakeReason::lease) write.owner = std::move(owner);
  write.key = key_of(execution, idempotency_window);
  write.input = auterity::to_text(execution.input);
  write.trigger = execution.trigger;
  write.workflow_type = execution.workflow_type;
  write.started_by = execution.started_by;
  write.traceparent = execution.traceparent;
  return write;
}

Result<SaveWrite> save_write(const Checkpoint& checkpoint, Time now, Duration lease) {
  AUTERITY_CHECK(check(checkpoint));
  SaveWrite write{.id = checkpoint.id};
  write.history = history_row(checkpoint);
  write.status = checkpoint.status;
  write.wake = checkpoint.wake;
  write.due_at = due_of(checkpoint, now);
  write.lease_until = now + lease;
  write.finished_at = finished_of(checkpoint, now);
  write.output = text_of(checkpoint.output);
  write.error = text_of(checkpoint.error);
  return write;
}

}  // namespace auterity::engine
