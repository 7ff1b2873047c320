#include "engine/store/execution_records.h"

#include <fmt/format.h>

#include <charconv>

namespace auterity::engine {
namespace {

std::unexpected<Error> unreadable(std::string_view what) {
  return fail(ErrorKind::not_ready, fmt::format("a stored execution has an unknown {}", what),
              "a newer version wrote it: use that version");
}

}  // namespace

std::int64_t number_at(const data::Rows& rows, std::size_t row, std::size_t column) {
  std::int64_t number = 0;
  if (rows.is_null(row, column)) return number;
  std::string_view text = rows.text(row, column);
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

std::optional<Time> time_at(const data::Rows& rows, std::size_t row, std::size_t column) {
  if (rows.is_null(row, column)) return std::nullopt;
  return from_epoch_microseconds(number_at(rows, row, column));
}

std::optional<std::string> text_at(const data::Rows& rows, std::size_t row, std::size_t column) {
  if (rows.is_null(row, column)) return std::nullopt;
  return std::string(rows.text(row, column));
}

Result<StoredView> read_view(const data::Rows& rows, std::size_t row) {
  auto id = parse_uuid(rows.text(row, 0));
  auto workflow = parse_uuid(rows.text(row, 1));
  auto status = parse_execution_status(rows.text(row, 2));
  auto wake = parse_wake_reason(rows.text(row, 3));
  if (!id || !workflow) return unreadable("id");
  if (!status || !wake) return unreadable("status");
  StoredView stored;
  ExecutionView& view = stored.view;
  view.id = *id;
  view.workflow_id = *workflow;
  view.status = *status;
  view.wake = *wake;
  stored.input = text_at(rows, row, 4);
  stored.output = text_at(rows, row, 5);
  stored.error = text_at(rows, row, 6);
  view.trigger = rows.text(row, 7);
  view.started_by = rows.text(row, 8);
  view.created_at = from_epoch_microseconds(number_at(rows, row, 9));
  view.started_at = time_at(rows, row, 10);
  view.finished_at = time_at(rows, row, 11);
  if (view.wake == WakeReason::timer) view.wake_at = time_at(rows, row, 12);
  return stored;
}

Result<StoredClaim> read_claimed(const data::Rows& rows, std::size_t row) {
  auto id = parse_uuid(rows.text(row, 0));
  auto workflow = parse_uuid(rows.text(row, 1));
  if (!id || !workflow) return unreadable("id");
  StoredClaim stored;
  ClaimedExecution& claimed = stored.execution;
  claimed.id = *id;
  claimed.workflow_id = *workflow;
  claimed.term = number_at(rows, row, 2);
  claimed.seq = number_at(rows, row, 3);
  claimed.last_event = number_at(rows, row, 4);
  stored.input = rows.text(row, 5);
  claimed.traceparent = rows.text(row, 6);
  claimed.started_by = rows.text(row, 7);
  claimed.created_at = from_epoch_microseconds(number_at(rows, row, 8));
  claimed.lease_until = time_at(rows, row, 9).value_or(Time{});
  if (!rows.is_null(row, 10)) {
    auto action = parse_control_action(rows.text(row, 10));
    if (!action) return unreadable("request");
    claimed.requested = *action;
  }
  return stored;
}

Result<Json> stored_json(std::string_view text) {
  auto value = parse_json(text, {.max_bytes = 256u << 20, .max_depth = 1024});
  if (!value)
    return fail(ErrorKind::internal,
                fmt::format("a stored document is damaged: {}", value.error().message),
                "restore the database from a backup");
  return value;
}

}  // namespace auterity::engine
