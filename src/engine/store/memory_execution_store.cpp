#include "engine/store/memory_execution_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

namespace auterity::engine {
namespace {

constexpr Duration kIdempotencyWindow = std::chrono::hours(24);

struct Row {
  ExecutionView view;
  std::int64_t term = 0;
  std::int64_t seq = 0;
  std::int64_t last_event = 0;
  std::int64_t last_save_term = 0;  // who wrote the last checkpoint
  std::string state;                // the last one that was not empty
  std::optional<Time> due;          // ready: since when; timer; end of the lease
  ControlAction requested = ControlAction::none;
  std::string traceparent;
  std::vector<HistoryEvent> events;
};

std::unexpected<Error> no_execution(const Uuid& id) {
  return fail(ErrorKind::not_found, fmt::format("no execution has the id {}", to_text(id)),
              "list executions to find the right one");
}

// What of a person's request is left once a checkpoint is in. An owner may still suspend what was
// resumed meanwhile, since it heard of the one and not of the other: nobody asks for that any more.
ControlAction request_left(ControlAction requested, ExecutionStatus before,
                           const Checkpoint& checkpoint) {
  if (checkpoint.wake == WakeReason::none) return ControlAction::none;
  const bool suspended = checkpoint.status == ExecutionStatus::suspended;
  if (requested == ControlAction::suspend && suspended) return ControlAction::none;
  if (requested == ControlAction::resume && !suspended) return ControlAction::none;
  if (requested == ControlAction::none && suspended && before != ExecutionStatus::suspended)
    return ControlAction::resume;
  return requested;
}

}  // namespace

class MemoryExecutionStore::Table {
 public:
  explicit Table(Clock& clock) : clock_(clock) {}

  Result<Created> create(NewExecution execution, std::optional<Checkpoint> first,
                         std::optional<Duration> lease);
  Status save(Checkpoint checkpoint);
  std::vector<ClaimedExecution> claim(std::size_t limit, Duration lease);
  std::optional<ClaimedExecution> claim_one(const Uuid& id, Duration lease);
  std::vector<Renewal> renew(const std::vector<Lease>& leases, Duration lease);
  void release(const std::vector<Lease>& leases);
  std::optional<Time> next_due() const;
  Status request(const Uuid& id, ControlAction action);
  Status restart(const Uuid& id, std::int64_t seq, std::string state,
                 std::vector<HistoryEvent> events);
  std::vector<ExecutionView> list(const ExecutionFilter& filter) const;

  Row* find(const Uuid& id) {
    const auto found = rows_.find(id);
    return found == rows_.end() ? nullptr : &found->second;
  }
  ClaimedExecution describe(const Row& row) const;

 private:
  struct Start {
    Uuid execution;
    Json input;
    Time expires_at;
  };
  using StartKey = std::tuple<Uuid, std::string, std::string>;

  static std::optional<StartKey> key_of(const NewExecution& execution);
  void move_due(Row& row, std::optional<Time> due);
  void take_checkpoint(Row& row, Checkpoint checkpoint, Duration lease);
  ClaimedExecution take(Row& row, Duration lease);

  Clock& clock_;
  std::map<Uuid, Row> rows_;
  std::set<std::pair<Time, Uuid>> due_;
  std::map<StartKey, Start> starts_;
};

std::optional<MemoryExecutionStore::Table::StartKey> MemoryExecutionStore::Table::key_of(
    const NewExecution& execution) {
  if (execution.scheduled_for)
    return StartKey{execution.workflow_id, "schedule", to_rfc3339(*execution.scheduled_for)};
  if (execution.idempotency_key)
    return StartKey{execution.workflow_id, "idempotency", *execution.idempotency_key};
  return std::nullopt;
}

void MemoryExecutionStore::Table::move_due(Row& row, std::optional<Time> due) {
  if (row.due) due_.erase({*row.due, row.view.id});
  row.due = due;
  if (due) due_.insert({*due, row.view.id});
}

Result<Created> MemoryExecutionStore::Table::create(NewExecution execution,
                                                    std::optional<Checkpoint> first,
                                                    std::optional<Duration> lease) {
  if (first && (first->term != 1 || first->seq != 1))
    return fail(ErrorKind::internal, "the first checkpoint has term 1 and seq 1", "report this");
  const Time now = clock_.now();
  const auto key = key_of(execution);
  if (const auto known = key ? starts_.find(*key) : starts_.end(); known != starts_.end()) {
    const Start& start = known->second;
    if (start.expires_at > now && start.execution != execution.id) {
      if (!execution.scheduled_for && start.input != execution.input)
        return fail(ErrorKind::conflict, "the idempotency key was used with another input",
                    "send the same input again, or a new key");
      return Created{.id = start.execution, .existing = true};
    }
  }
  const bool leased = first ? first->wake == WakeReason::lease : lease.has_value();
  const Created created{.id = execution.id, .existing = false, .term = leased ? 1 : 0};
  if (const Row* row = find(execution.id)) {
    if (row->view.workflow_id == execution.workflow_id &&
        row->view.created_at == execution.created_at)
      return created;  // the answer was lost
    return fail(ErrorKind::conflict,
                fmt::format("an execution with id {} exists already", to_text(execution.id)),
                "start it again under a new id");
  }
  if (key)
    starts_[*key] = {execution.id, execution.input,
                     execution.scheduled_for ? Time::max() : now + kIdempotencyWindow};
  Row& row = rows_[execution.id];
  row.view.id = execution.id;
  row.view.workflow_id = execution.workflow_id;
  row.view.input = std::move(execution.input);
  row.view.trigger = std::move(execution.trigger);
  row.view.started_by = std::move(execution.started_by);
  row.view.created_at = execution.created_at;
  row.traceparent = std::move(execution.traceparent);
  if (lease && !first) {
    row.term = 1;
    row.view.status = ExecutionStatus::running;
    row.view.wake = WakeReason::lease;
    row.view.started_at = execution.created_at;
    move_due(row, now + *lease);
  } else if (first) {
    row.term = 1;
    take_checkpoint(row, std::move(*first), lease.value_or(Duration::zero()));
  } else {
    move_due(row, execution.created_at);
  }
  return created;
}

void MemoryExecutionStore::Table::take_checkpoint(Row& row, Checkpoint checkpoint, Duration lease) {
  const Time now = clock_.now();
  row.requested = request_left(row.requested, row.view.status, checkpoint);
  row.seq = checkpoint.seq;
  row.last_save_term = checkpoint.term;
  if (!checkpoint.state.empty()) row.state = std::move(checkpoint.state);
  for (HistoryEvent& event : checkpoint.events) {
    row.last_event = std::max(row.last_event, event.number);
    row.events.push_back(std::move(event));
  }
  ExecutionView& view = row.view;
  view.status = checkpoint.status;
  view.output = checkpoint.output.value_or(nullptr);
  view.error = checkpoint.error.value_or(nullptr);
  if (!view.started_at) view.started_at = now;
  view.finished_at = is_terminal(checkpoint.status)
                         ? std::optional(checkpoint.finished_at.value_or(now))
                         : std::nullopt;
  const bool was_leased = view.wake == WakeReason::lease;
  // A request that nobody has carried out yet must not be slept through.
  const bool must_wake = row.requested != ControlAction::none &&
                         checkpoint.wake != WakeReason::lease &&
                         checkpoint.wake != WakeReason::none;
  view.wake = must_wake ? WakeReason::ready : checkpoint.wake;
  view.wake_at = view.wake == WakeReason::timer ? checkpoint.wake_at : std::nullopt;
  if (view.wake == WakeReason::ready)
    move_due(row, now);
  else if (view.wake == WakeReason::timer)
    move_due(row, checkpoint.wake_at);
  else if (view.wake != WakeReason::lease)
    move_due(row, std::nullopt);
  else if (!was_leased || !row.due)
    move_due(row, now + lease);
}

Status MemoryExecutionStore::Table::save(Checkpoint checkpoint) {
  Row* row = find(checkpoint.id);
  if (row == nullptr) return no_execution(checkpoint.id);
  if (checkpoint.term == row->last_save_term && checkpoint.seq == row->seq) return {};  // repeated
  if (row->view.wake == WakeReason::none || checkpoint.term != row->term ||
      checkpoint.seq != row->seq + 1)
    return fail(
        ErrorKind::conflict,
        fmt::format("execution {} is in term {} with checkpoint {}; term {} cannot write "
                    "checkpoint {}",
                    to_text(checkpoint.id), row->term, row->seq, checkpoint.term, checkpoint.seq),
        "drop the execution: another worker owns it");
  take_checkpoint(*row, std::move(checkpoint), Duration::zero());
  return {};
}

ClaimedExecution MemoryExecutionStore::Table::describe(const Row& row) const {
  ClaimedExecution execution;
  execution.id = row.view.id;
  execution.workflow_id = row.view.workflow_id;
  execution.term = row.term;
  execution.seq = row.seq;
  execution.last_event = row.last_event;
  execution.state = row.state;
  execution.input = row.view.input;
  execution.traceparent = row.traceparent;
  execution.started_by = row.view.started_by;
  execution.created_at = row.view.created_at;
  execution.lease_until = row.due.value_or(Time{});
  execution.requested = row.requested;
  return execution;
}

ClaimedExecution MemoryExecutionStore::Table::take(Row& row, Duration lease) {
  const Time now = clock_.now();
  ++row.term;
  row.view.wake = WakeReason::lease;
  row.view.wake_at.reset();
  if (row.view.status == ExecutionStatus::pending) row.view.status = ExecutionStatus::running;
  if (!row.view.started_at) row.view.started_at = now;
  move_due(row, now + lease);
  return describe(row);
}

std::vector<ClaimedExecution> MemoryExecutionStore::Table::claim(std::size_t limit,
                                                                 Duration lease) {
  std::vector<Uuid> ids;
  for (auto due = due_.begin();
       due != due_.end() && due->first <= clock_.now() && ids.size() < limit; ++due)
    ids.push_back(due->second);
  std::vector<ClaimedExecution> claimed;
  for (const Uuid& id : ids) claimed.push_back(take(rows_.at(id), lease));
  return claimed;
}

std::optional<ClaimedExecution> MemoryExecutionStore::Table::claim_one(const Uuid& id,
                                                                       Duration lease) {
  Row* row = find(id);
  if (row == nullptr || !row->due || *row->due > clock_.now()) return std::nullopt;
  return take(*row, lease);
}

std::vector<ExecutionStore::Renewal> MemoryExecutionStore::Table::renew(
    const std::vector<Lease>& leases, Duration lease) {
  std::vector<Renewal> renewals;
  for (const Lease& each : leases) {
    Row* row = find(each.id);
    const bool held =
        row != nullptr && row->term == each.term && row->view.wake == WakeReason::lease;
    if (held) move_due(*row, clock_.now() + lease);
    renewals.push_back({each.id, held, held ? row->requested : ControlAction::none});
  }
  return renewals;
}

void MemoryExecutionStore::Table::release(const std::vector<Lease>& leases) {
  for (const Lease& each : leases) {
    Row* row = find(each.id);
    if (row == nullptr || row->term != each.term || row->view.wake != WakeReason::lease) continue;
    row->view.wake = WakeReason::ready;
    move_due(*row, clock_.now());
  }
}

std::optional<Time> MemoryExecutionStore::Table::next_due() const {
  return due_.empty() ? std::nullopt : std::optional(due_.begin()->first);
}

Status MemoryExecutionStore::Table::request(const Uuid& id, ControlAction action) {
  if (action == ControlAction::none)
    return fail(ErrorKind::invalid_input, "nothing was requested",
                "request cancel, suspend or resume");
  Row* row = find(id);
  if (row == nullptr) return no_execution(id);
  ExecutionView& view = row->view;
  if (action == ControlAction::suspend && view.wake == WakeReason::suspended) return {};
  // Resuming also takes back a suspend that has not come into effect yet.
  const bool taken_back =
      row->requested == ControlAction::suspend || row->requested == ControlAction::resume;
  const bool not_suspended =
      action == ControlAction::resume && view.status != ExecutionStatus::suspended && !taken_back;
  if (view.wake == WakeReason::none || not_suspended)
    return fail(
        ErrorKind::conflict,
        fmt::format("cannot {} an execution that is {}", to_text(action), to_text(view.status)),
        action == ControlAction::resume ? "only a suspended execution can be resumed"
                                        : "it has ended; restart it to run it again");
  if (row->requested != ControlAction::cancel) row->requested = action;
  if (view.wake != WakeReason::lease) {
    view.wake = WakeReason::ready;
    view.wake_at.reset();
    move_due(*row, clock_.now());
  }
  return {};
}

Status MemoryExecutionStore::Table::restart(const Uuid& id, std::int64_t seq, std::string state,
                                            std::vector<HistoryEvent> events) {
  Row* row = find(id);
  if (row == nullptr) return no_execution(id);
  ExecutionView& view = row->view;
  if (view.wake != WakeReason::none && view.wake != WakeReason::suspended)
    return fail(ErrorKind::conflict,
                fmt::format("cannot restart an execution that is {}", to_text(view.status)),
                "suspend or cancel it first");
  if (row->seq != seq)
    return fail(ErrorKind::conflict, "the execution has gone on meanwhile", "look at it again");
  ++row->term;
  ++row->seq;
  row->last_save_term = row->term;
  row->state = std::move(state);
  row->requested = ControlAction::none;
  for (HistoryEvent& event : events) {
    row->last_event = std::max(row->last_event, event.number);
    row->events.push_back(std::move(event));
  }
  view.status = ExecutionStatus::pending;
  view.wake = WakeReason::ready;
  view.output = view.error = nullptr;
  view.finished_at.reset();
  view.wake_at.reset();
  move_due(*row, clock_.now());
  return {};
}

std::vector<ExecutionView> MemoryExecutionStore::Table::list(const ExecutionFilter& filter) const {
  std::vector<ExecutionView> views;
  for (auto entry = rows_.rbegin(); entry != rows_.rend() && views.size() < filter.limit; ++entry) {
    const ExecutionView& view = entry->second.view;
    if (filter.before && view.id >= *filter.before) continue;
    if (filter.workflow_id && view.workflow_id != *filter.workflow_id) continue;
    if (filter.status && view.status != *filter.status) continue;
    views.push_back(view);
  }
  return views;
}

MemoryExecutionStore::MemoryExecutionStore(Clock& clock) : table_(std::make_unique<Table>(clock)) {}
MemoryExecutionStore::~MemoryExecutionStore() = default;

Async<Result<Created>> MemoryExecutionStore::create(const NewExecution& execution,
                                                    const std::optional<Checkpoint>& first,
                                                    std::string, std::optional<Duration> lease) {
  co_return table_->create(execution, first, lease);
}
Async<Status> MemoryExecutionStore::save(const Checkpoint& checkpoint) {
  co_return table_->save(checkpoint);
}
Async<Result<std::vector<ClaimedExecution>>> MemoryExecutionStore::claim(std::string,
                                                                         std::size_t limit,
                                                                         Duration lease) {
  co_return table_->claim(limit, lease);
}
Async<Result<std::optional<ClaimedExecution>>> MemoryExecutionStore::claim_one(Uuid id, std::string,
                                                                               Duration lease) {
  co_return table_->claim_one(id, lease);
}
Async<Result<std::vector<ExecutionStore::Renewal>>> MemoryExecutionStore::renew(
    std::vector<Lease> leases, Duration lease) {
  co_return table_->renew(leases, lease);
}
Async<Status> MemoryExecutionStore::release(std::vector<Lease> leases) {
  table_->release(leases);
  co_return Status();
}
Async<Result<std::optional<Time>>> MemoryExecutionStore::next_due() {
  co_return table_->next_due();
}
Async<Status> MemoryExecutionStore::request(Uuid id, ControlAction action) {
  co_return table_->request(id, action);
}
Async<Status> MemoryExecutionStore::restart(Uuid id, std::int64_t seq, std::string state,
                                            std::vector<HistoryEvent> events) {
  co_return table_->restart(id, seq, std::move(state), std::move(events));
}
Async<Result<ExecutionView>> MemoryExecutionStore::find(Uuid id) {
  const Row* row = table_->find(id);
  if (row == nullptr) co_return no_execution(id);
  co_return row->view;
}
Async<Result<std::vector<ExecutionView>>> MemoryExecutionStore::list(ExecutionFilter filter) {
  co_return table_->list(filter);
}
Async<Result<std::vector<HistoryEvent>>> MemoryExecutionStore::history(Uuid id, std::int64_t after,
                                                                       std::size_t limit) {
  std::vector<HistoryEvent> events;
  if (const Row* row = table_->find(id))
    for (const HistoryEvent& event : row->events)
      if (event.number > after && events.size() < limit) events.push_back(event);
  co_return events;
}
Async<Result<ClaimedExecution>> MemoryExecutionStore::inspect(Uuid id) {
  const Row* row = table_->find(id);
  if (row == nullptr) co_return no_execution(id);
  co_return table_->describe(*row);
}

}  // namespace auterity::engine
