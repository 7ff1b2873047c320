#include "engine/store/execution_claims.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

#include "engine/store/binary_array.h"
#include "engine/store/history_text.h"
#include "engine/store/write_statements.h"

namespace auterity::engine {
namespace {

using data::Query;
using data::RowsPtr;
using data::Statement;

#define TAKE_LEASE                                                     \
  "SET term = e.term + 1, wake = 'lease', due_at = $2::timestamptz,"   \
  " owner = $3, started_at = coalesce(e.started_at, $1::timestamptz)," \
  " status = CASE WHEN e.status = 'pending' THEN 'running' ELSE e.status END"

// Conditions are checked again on the newest version of a row once it is locked.
constexpr Statement kClaim{
    "executions.claim",
    "WITH due AS MATERIALIZED (SELECT id FROM workflow_executions WHERE due_at <= $1::timestamptz "
    "ORDER BY due_at LIMIT $4::bigint FOR NO KEY UPDATE SKIP LOCKED) "
    "UPDATE workflow_executions e " TAKE_LEASE
    " FROM due WHERE e.id = due.id RETURNING " AUTERITY_CLAIM_COLUMNS};

constexpr Statement kClaimOne{"executions.claim_one",
                              "UPDATE workflow_executions e " TAKE_LEASE
                              " WHERE e.id = $4::uuid AND e.due_at <= $1::timestamptz "
                              "RETURNING " AUTERITY_CLAIM_COLUMNS};

constexpr Statement kStates{
    "executions.states",
    "SELECT h.execution_id, h.state FROM unnest($1::uuid[], $2::bigint[]) AS i(id, seq) "
    "JOIN execution_history h ON h.execution_id = i.id AND h.seq = i.seq"};

constexpr Statement kRenew{
    "executions.renew",
    "UPDATE workflow_executions e SET due_at = $3::timestamptz "
    "FROM unnest($1::uuid[], $2::bigint[]) AS i(id, term) "
    "WHERE e.id = i.id AND e.term = i.term AND e.wake = 'lease' RETURNING e.id, e.requested"};

constexpr Statement kRelease{
    "executions.release",
    "UPDATE workflow_executions e SET wake = 'ready', due_at = $3::timestamptz, owner = NULL "
    "FROM unnest($1::uuid[], $2::bigint[]) AS i(id, term) "
    "WHERE e.id = i.id AND e.term = i.term AND e.wake = 'lease'"};

constexpr Statement kNextDue{
    "executions.next_due", "SELECT " AUTERITY_MICROSECONDS(
                               "min(due_at)") " FROM workflow_executions WHERE due_at IS NOT NULL"};

// What is leased stays with its owner, who hears of the request; anything else becomes ready for a
// worker that carries it out. Resuming also takes back a suspend that has not come into effect yet.
constexpr Statement kRequest{
    "executions.request",
    "UPDATE workflow_executions e SET"
    " requested = CASE WHEN e.requested = 'cancel' THEN e.requested ELSE $2::control_action END,"
    " wake = CASE WHEN e.wake = 'lease' THEN e.wake ELSE 'ready' END,"
    " due_at = CASE WHEN e.wake = 'lease' THEN e.due_at ELSE $3::timestamptz END "
    "WHERE e.id = $1::uuid AND e.wake <> 'none'"
    " AND ($2::control_action <> 'resume' OR e.status = 'suspended'"
    " OR e.requested IN ('suspend', 'resume'))"
    " AND ($2::control_action <> 'suspend' OR e.wake <> 'suspended')"};

constexpr Statement kStanding{
    "executions.standing",
    "SELECT e.status, e.wake FROM workflow_executions e WHERE e.id = $1::uuid"};

constexpr Statement kRestart{
    "executions.restart",
    "WITH restarted AS (UPDATE workflow_executions e SET term = e.term + 1, seq = e.seq + 1,"
    " last_event = greatest(e.last_event, $3::bigint), status = 'pending', wake = 'ready',"
    " due_at = $2::timestamptz, requested = NULL, owner = NULL, output = NULL, error = NULL,"
    " finished_at = NULL WHERE e.id = $1::uuid AND e.seq = $7::bigint AND e.wake IN ('none', "
    "'suspended')"
    " RETURNING e.id, e.seq, e.term) "
    "INSERT INTO execution_history (execution_id, seq, term, last_event, format, events, state) "
    "SELECT id, seq, term, $3::bigint, $4::smallint, $5, $6 FROM restarted"};

// Leases and checkpoints go as two binary columns, before what else a statement wants.
constexpr std::size_t kTwoColumns = 2;

std::pair<std::string, std::string> columns_of(const std::vector<ExecutionStore::Lease>& leases) {
  BinaryArray ids(ElementType::uuid), terms(ElementType::bigint);
  for (const auto& lease : leases) {
    ids.add(lease.id);
    terms.add(lease.term);
  }
  return {ids.take(), terms.take()};
}

std::unexpected<Error> no_execution(const Uuid& id) {
  return fail(ErrorKind::not_found, fmt::format("no execution has the id {}", to_text(id)),
              "list executions to find the right one");
}

}  // namespace

Async<Result<RowsPtr>> ExecutionClaims::by_index(Query query) {
  std::vector<Query> queries;
  queries.push_back(plan_by_index());
  queries.push_back(std::move(query));
  AUTERITY_CO_TRY(answers, co_await database_.transact(std::move(queries)));
  co_return answers.back();
}

Async<Result<std::vector<ClaimedExecution>>> ExecutionClaims::claim(std::string owner,
                                                                    std::size_t limit,
                                                                    Duration lease) {
  const Time now = clock_.now();
  AUTERITY_CO_TRY(rows, co_await by_index({kClaim,
                                           {to_rfc3339(now), to_rfc3339(now + lease),
                                            std::move(owner), std::to_string(limit)}}));
  co_return co_await with_states(std::move(rows));
}

Async<Result<std::optional<ClaimedExecution>>> ExecutionClaims::claim_one(Uuid id,
                                                                          std::string owner,
                                                                          Duration lease) {
  const Time now = clock_.now();
  AUTERITY_CO_TRY(
      rows,
      co_await database_.query(
          {kClaimOne, {to_rfc3339(now), to_rfc3339(now + lease), std::move(owner), to_text(id)}}));
  if (rows->size() == 0) co_return std::nullopt;
  AUTERITY_CO_TRY(claimed, co_await with_states(std::move(rows)));
  co_return std::move(claimed.front());
}

// In a statement of its own: the claim's snapshot may be older than the checkpoint that its row
// lock waited for.
Async<Result<std::vector<ClaimedExecution>>> ExecutionClaims::with_states(RowsPtr rows) {
  std::vector<StoredClaim> claims;
  BinaryArray ids(ElementType::uuid), seqs(ElementType::bigint);
  bool any_state = false;
  for (std::size_t row = 0; row < rows->size(); ++row) {
    AUTERITY_CO_TRY(claim, read_claimed(*rows, row));
    if (claim.execution.seq > 0) {
      ids.add(claim.execution.id);
      seqs.add(claim.execution.seq);
      any_state = true;
    }
    claims.push_back(std::move(claim));
  }
  std::unordered_map<std::string, std::string> states;
  if (any_state) {
    AUTERITY_CO_TRY(found,
                    co_await database_.read({kStates, {ids.take(), seqs.take()}, kTwoColumns}));
    for (std::size_t row = 0; row < found->size(); ++row)
      if (auto state = text_at(*found, row, 1))
        states.emplace(found->text(row, 0), std::move(*state));
  }
  std::ranges::sort(claims, {}, [](const StoredClaim& claim) { return claim.execution.id; });
  std::vector<ClaimedExecution> result;
  result.reserve(claims.size());
  for (StoredClaim& claim : claims) {
    auto state = states.find(to_text(claim.execution.id));
    AUTERITY_CO_CHECK(co_await fill(
        claim, state == states.end() ? std::nullopt : std::optional(std::move(state->second))));
    result.push_back(std::move(claim.execution));
  }
  co_return result;
}

Async<Status> ExecutionClaims::fill(StoredClaim& claim, std::optional<std::string> state) {
  AUTERITY_CO_TRY(input, co_await payloads_.fetch(claim.execution.id, std::move(claim.input)));
  AUTERITY_CO_TRY(document, stored_json(input));
  claim.execution.input = std::move(document);
  if (state) {
    AUTERITY_CO_TRY(text, co_await payloads_.fetch(claim.execution.id, std::move(*state)));
    claim.execution.state = std::move(text);
  }
  co_return Status();
}

Async<Result<std::vector<ExecutionStore::Renewal>>> ExecutionClaims::renew(
    std::vector<ExecutionStore::Lease> leases, Duration lease) {
  std::vector<ExecutionStore::Renewal> renewals;
  if (leases.empty()) co_return renewals;
  auto [ids, terms] = columns_of(leases);
  AUTERITY_CO_TRY(
      rows, co_await by_index({kRenew,
                               {std::move(ids), std::move(terms), to_rfc3339(clock_.now() + lease)},
                               kTwoColumns}));
  std::unordered_map<std::string_view, ControlAction> held;
  for (std::size_t row = 0; row < rows->size(); ++row)
    held.emplace(rows->text(row, 0),
                 rows->is_null(row, 1)
                     ? ControlAction::none
                     : parse_control_action(rows->text(row, 1)).value_or(ControlAction::none));
  for (const auto& each : leases) {
    auto found = held.find(to_text(each.id));
    renewals.push_back({.id = each.id,
                        .held = found != held.end(),
                        .requested = found != held.end() ? found->second : ControlAction::none});
  }
  co_return renewals;
}

Async<Status> ExecutionClaims::release(std::vector<ExecutionStore::Lease> leases) {
  if (leases.empty()) co_return Status();
  auto [ids, terms] = columns_of(leases);
  AUTERITY_CO_CHECK(co_await by_index(
      {kRelease, {std::move(ids), std::move(terms), to_rfc3339(clock_.now())}, kTwoColumns}));
  co_return Status();
}

Async<Result<std::optional<Time>>> ExecutionClaims::next_due() {
  AUTERITY_CO_TRY(rows, co_await database_.read({kNextDue, {}}));
  co_return time_at(*rows, 0, 0);
}

Async<Status> ExecutionClaims::request(Uuid id, ControlAction action) {
  if (action == ControlAction::none)
    co_return fail(ErrorKind::invalid_input, "nothing was requested",
                   "request cancel, suspend or resume");
  AUTERITY_CO_TRY(
      changed,
      co_await database_.query(
          {kRequest, {to_text(id), std::string(to_text(action)), to_rfc3339(clock_.now())}}));
  if (changed->affected() > 0) co_return Status();
  AUTERITY_CO_TRY(rows, co_await database_.read({kStanding, {to_text(id)}}));
  if (rows->size() == 0) co_return no_execution(id);
  // Suspending what is suspended changes nothing.
  if (action == ControlAction::suspend && rows->text(0, 1) == to_text(WakeReason::suspended))
    co_return Status();
  co_return fail(
      ErrorKind::conflict,
      fmt::format("cannot {} an execution that is {}", to_text(action), rows->text(0, 0)),
      action == ControlAction::resume ? "only a suspended execution can be resumed"
                                      : "it has ended; restart it to run it again");
}

Async<Status> ExecutionClaims::restart(Uuid id, std::int64_t seq, std::string state,
                                       std::vector<HistoryEvent> events) {
  const std::int64_t last_event = events.empty() ? 0 : events.back().number;
  AUTERITY_CO_TRY(kept_state, co_await payloads_.keep(id, std::move(state)));
  AUTERITY_CO_TRY(kept_events, co_await payloads_.keep(id, history_to_text(events)));
  AUTERITY_CO_TRY(done, co_await database_.query(
                            {kRestart,
                             {to_text(id), to_rfc3339(clock_.now()), std::to_string(last_event),
                              std::to_string(kHistoryFormat), std::move(kept_events),
                              std::move(kept_state), std::to_string(seq)}}));
  if (done->affected() > 0) co_return Status();
  AUTERITY_CO_TRY(rows, co_await database_.read({kStanding, {to_text(id)}}));
  if (rows->size() == 0) co_return no_execution(id);
  co_return fail(ErrorKind::conflict,
                 fmt::format("cannot restart an execution that is {}", rows->text(0, 0)),
                 "suspend or cancel it first");
}

}  // namespace auterity::engine
