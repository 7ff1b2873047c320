#include "engine/store/write_statements.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <unordered_set>

#include "engine/store/array_text.h"
#include "engine/store/history_text.h"

namespace auterity::engine {
namespace {

using data::Query;
using data::RowsPtr;
using data::SqlParameter;
using data::Statement;

#define EXECUTION_COLUMNS                                                                        \
  "id, workflow_id, created_at, started_at, finished_at, due_at, term, seq, last_event, status," \
  " wake, owner, trigger, workflow_type, started_by, traceparent, input, output, error"
#define EXECUTION_ARRAYS                                                                   \
  "$1::uuid[], $2::uuid[], $3::timestamptz[], $4::timestamptz[], $5::timestamptz[],"       \
  " $6::timestamptz[], $7::bigint[], $8::bigint[], $9::bigint[], $10::execution_status[]," \
  " $11::wake_reason[], $12::text[], $13::text[], $14::text[], $15::text[], $16::text[],"  \
  " $17::text[], $18::text[], $19::text[]"
#define HISTORY_COLUMNS "execution_id, seq, term, last_event, format, events, state"

constexpr Statement kCreate{"executions.create",
                            "INSERT INTO workflow_executions (" EXECUTION_COLUMNS
                            ") "
                            "SELECT * FROM unnest(" EXECUTION_ARRAYS ")"};

constexpr Statement kCreateHistory{
    "executions.create_history",
    "INSERT INTO execution_history (" HISTORY_COLUMNS
    ") "
    "SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::bigint[], $4::bigint[], $5::smallint[],"
    " $6::text[], $7::text[])"};

// Takes each key for its execution, unless an earlier one holds it and has not expired. Sorted, so
// that two processes cannot wait for each other.
constexpr Statement kTakeKeys{
    "executions.take_keys",
    "INSERT INTO execution_keys AS k"
    " (workflow_id, kind, key, execution_id, input_digest, expires_at) "
    "SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::uuid[], $5::text[],"
    " $6::timestamptz[]) AS i(workflow_id, kind, key, execution_id, input_digest, expires_at) "
    "ORDER BY 1, 2, 3 "
    "ON CONFLICT (workflow_id, kind, key) DO UPDATE SET execution_id = excluded.execution_id,"
    " input_digest = excluded.input_digest, expires_at = excluded.expires_at "
    "WHERE k.expires_at <= $7::timestamptz"};

constexpr Statement kCreateCarefully{
    "executions.create_carefully",
    "INSERT INTO workflow_executions (" EXECUTION_COLUMNS ") SELECT " EXECUTION_COLUMNS
    " FROM unnest(" EXECUTION_ARRAYS
    ", $20::text[], $21::text[])"
    " AS i(" EXECUTION_COLUMNS
    ", key_kind, key_text) "
    "WHERE i.key_kind IS NULL OR EXISTS (SELECT FROM execution_keys k"
    " WHERE k.workflow_id = i.workflow_id AND k.kind = i.key_kind AND k.key = i.key_text"
    " AND k.execution_id = i.id) "
    "ON CONFLICT (id) DO NOTHING"};

constexpr Statement kCreateHistoryCarefully{
    "executions.create_history_carefully",
    "INSERT INTO execution_history (" HISTORY_COLUMNS
    ") "
    "SELECT i.id, i.seq, i.term, i.last_event, i.format, i.events, i.state "
    "FROM unnest($1::uuid[], $2::bigint[], $3::bigint[], $4::bigint[], $5::smallint[],"
    " $6::text[], $7::text[], $8::uuid[], $9::timestamptz[])"
    " AS i(id, seq, term, last_event, format, events, state, workflow, created_at) "
    "JOIN workflow_executions e ON e.id = i.id AND e.workflow_id = i.workflow"
    " AND e.created_at = i.created_at "
    "ON CONFLICT (execution_id, seq) DO NOTHING"};

// In the order of the arrays.
constexpr Statement kSeeCreated{
    "executions.see_created",
    "SELECT k.execution_id, k.input_digest,"
    " coalesce(e.workflow_id = i.workflow AND e.created_at = i.created_at, false) "
    "FROM unnest($1::uuid[], $2::uuid[], $3::timestamptz[], $4::text[], $5::text[]) WITH ORDINALITY"
    " AS i(id, workflow, created_at, kind, key, place) "
    "LEFT JOIN execution_keys k ON k.workflow_id = i.workflow AND k.kind = i.kind"
    " AND k.key = i.key "
    "LEFT JOIN workflow_executions e ON e.id = i.id ORDER BY i.place"};

// What of a person's request is left once this checkpoint is in.
#define REQUEST_LEFT                                                   \
  "CASE WHEN i.wake = 'none' THEN NULL"                                \
  " WHEN e.requested = 'suspend' AND i.status = 'suspended' THEN NULL" \
  " WHEN e.requested = 'resume' AND i.status <> 'suspended' THEN NULL" \
  " ELSE e.requested END"

// The conditions are checked again on the newest version of the row once it is locked, so a claim
// that commits first makes the save miss, and a save that commits first makes the claim skip or see
// it.
constexpr Statement kSave{
    "executions.save",
    "WITH saved AS ("
    "UPDATE workflow_executions e SET seq = i.seq,"
    " last_event = greatest(e.last_event, i.last_event), status = i.status,"
    " started_at = coalesce(e.started_at, i.now), finished_at = i.finished_at,"
    " requested = " REQUEST_LEFT
    ","
    " wake = CASE WHEN e.requested IS NULL OR i.wake IN ('lease', 'none')"
    " OR " REQUEST_LEFT
    " IS NULL THEN i.wake ELSE 'ready' END,"
    " due_at = CASE WHEN i.wake = 'none' THEN NULL"
    " WHEN i.wake = 'lease' THEN CASE WHEN e.wake = 'lease' THEN e.due_at ELSE i.lease_until END"
    " WHEN e.requested IS NULL OR " REQUEST_LEFT
    " IS NULL THEN i.due_at ELSE i.now END,"
    " owner = CASE WHEN i.wake = 'lease' THEN e.owner END,"
    " output = i.output, error = i.error "
    "FROM unnest($1::uuid[], $2::bigint[], $3::bigint[], $4::bigint[], $5::execution_status[],"
    " $6::wake_reason[], $7::timestamptz[], $8::timestamptz[], $9::timestamptz[],"
    " $10::timestamptz[], $11::text[], $12::text[], $13::text[], $14::text[])"
    " AS i(id, seq, term, last_event, status, wake, now, due_at, lease_until, finished_at, output,"
    " error, events, state) "
    "WHERE e.id = i.id AND e.term = i.term AND e.seq = i.seq - 1 AND e.wake <> 'none' "
    "RETURNING i.id, i.seq, i.term, i.last_event, i.events, i.state) "
    "INSERT INTO execution_history (" HISTORY_COLUMNS
    ") "
    "SELECT id, seq, term, last_event, $15::smallint, events, state FROM saved "
    "RETURNING execution_id"};

constexpr Statement kSettle{
    "executions.settle",
    "SELECT e.term, e.seq, e.wake = 'none', h.seq IS NOT NULL "
    "FROM unnest($1::uuid[], $2::bigint[], $3::bigint[]) WITH ORDINALITY AS i(id, seq, term, "
    "place) "
    "LEFT JOIN workflow_executions e ON e.id = i.id "
    "LEFT JOIN execution_history h ON h.execution_id = i.id AND h.seq = i.seq AND h.term = i.term "
    "ORDER BY i.place"};

constexpr Statement kPlanByIndex{
    "executions.plan_by_index",
    "SELECT set_config('enable_seqscan', 'off', true), set_config('enable_hashjoin', 'off', true),"
    " set_config('enable_mergejoin', 'off', true),"
    " set_config('plan_cache_mode', 'force_generic_plan', true)"};

template <std::size_t N>
std::vector<SqlParameter> parameters_of(std::array<ArrayText, N>& columns) {
  std::vector<SqlParameter> parameters;
  parameters.reserve(N + 2);
  for (ArrayText& column : columns) parameters.emplace_back(column.take());
  return parameters;
}

// Adds one value a column, in order.
template <std::size_t N, typename... Values>
void add_row(std::array<ArrayText, N>& columns, const Values&... values) {
  static_assert(sizeof...(Values) == N);
  std::size_t column = 0;
  (columns[column++].add(values), ...);
}

using Creates = std::vector<const CreateWrite*>;
using Saves = std::vector<const SaveWrite*>;

std::vector<SqlParameter> execution_parameters(const Creates& creates) {
  std::array<ArrayText, 19> columns;
  for (const CreateWrite* create : creates)
    add_row(columns, create->id, create->workflow_id, create->created_at, create->started_at,
            create->finished_at, create->due_at, create->term,
            create->first ? create->first->seq : 0, create->first ? create->first->last_event : 0,
            to_text(create->status), to_text(create->wake), create->owner, create->trigger,
            create->workflow_type, create->started_by, create->traceparent, create->input,
            create->output, create->error);
  return parameters_of(columns);
}

std::vector<SqlParameter> history_parameters(const Creates& creates) {
  std::array<ArrayText, 7> columns;
  for (const CreateWrite* create : creates)
    if (const auto& row = create->first)
      add_row(columns, create->id, row->seq, row->term, row->last_event,
              std::int64_t{kHistoryFormat}, row->events, row->state);
  return parameters_of(columns);
}

bool any_history(const Creates& creates) {
  return std::ranges::any_of(creates,
                             [](const CreateWrite* create) { return create->first.has_value(); });
}

void add_creates(const Creates& creates, BatchStatements& batch) {
  batch.queries.push_back({kCreate, execution_parameters(creates)});
  if (any_history(creates)) batch.queries.push_back({kCreateHistory, history_parameters(creates)});
}

std::vector<SqlParameter> key_parameters(const Creates& creates, Time now) {
  std::array<ArrayText, 6> columns;
  for (const CreateWrite* create : creates)
    if (const auto& key = create->key)
      add_row(columns, create->workflow_id, key->kind, key->key, create->id, key->input_digest,
              key->expires_at);
  std::vector<SqlParameter> parameters = parameters_of(columns);
  parameters.emplace_back(to_rfc3339(now));
  return parameters;
}

std::pair<std::string, std::string> key_columns(const Creates& creates) {
  std::array<ArrayText, 2> columns;
  for (const CreateWrite* create : creates) {
    const auto& key = create->key;
    add_row(columns, key ? std::optional(key->kind) : std::nullopt,
            key ? std::optional(key->key) : std::nullopt);
  }
  return {columns[0].take(), columns[1].take()};
}

Query careful_history(const Creates& creates) {
  std::array<ArrayText, 2> origin;
  for (const CreateWrite* create : creates)
    if (create->first) add_row(origin, create->workflow_id, create->created_at);
  Query query{kCreateHistoryCarefully, history_parameters(creates)};
  for (ArrayText& column : origin) query.parameters.emplace_back(column.take());
  return query;
}

void add_careful_creates(const Creates& creates, Time now, BatchStatements& batch) {
  auto [kinds, keys] = key_columns(creates);
  if (std::ranges::any_of(creates,
                          [](const CreateWrite* create) { return create->key.has_value(); }))
    batch.queries.push_back({kTakeKeys, key_parameters(creates, now)});
  Query create{kCreateCarefully, execution_parameters(creates)};
  create.parameters.emplace_back(kinds);
  create.parameters.emplace_back(keys);
  batch.queries.push_back(std::move(create));
  if (any_history(creates)) batch.queries.push_back(careful_history(creates));
  std::array<ArrayText, 3> origin;
  for (const CreateWrite* each : creates)
    add_row(origin, each->id, each->workflow_id, each->created_at);
  Query see{kSeeCreated, parameters_of(origin)};
  see.parameters.emplace_back(std::move(kinds));
  see.parameters.emplace_back(std::move(keys));
  batch.careful_creates = batch.queries.size();
  batch.queries.push_back(std::move(see));
}

void add_saves(const Saves& saves, BatchStatements& batch) {
  std::array<ArrayText, 14> columns;
  for (const SaveWrite* save : saves)
    add_row(columns, save->id, save->history.seq, save->history.term, save->history.last_event,
            to_text(save->status), to_text(save->wake), save->now, save->due_at, save->lease_until,
            save->finished_at, save->output, save->error, save->history.events,
            save->history.state);
  Query query{kSave, parameters_of(columns)};
  query.parameters.emplace_back(std::to_string(kHistoryFormat));
  batch.saves = batch.queries.size();
  batch.queries.push_back(std::move(query));
}

bool is_careful(const CreateWrite& create, bool repeat) { return repeat || create.key; }

// Saves in the order of their ids, so that two processes that write the same rows cannot wait for
// each other.
void sort_by_id(Saves& saves) {
  std::ranges::sort(saves, {}, [](const SaveWrite* save) { return save->id; });
}

Result<Written> outcome_of_careful(const CreateWrite& create, const data::Rows& rows,
                                   std::size_t row) {
  if (create.key && !rows.is_null(row, 0) && rows.text(row, 0) != to_text(create.id)) {
    if (create.key->kind == kIdempotencyKind && rows.text(row, 1) != create.key->input_digest)
      return fail(ErrorKind::conflict, "the idempotency key was used with another input",
                  "send the same input again, or a new key");
    auto id = parse_uuid(rows.text(row, 0));
    if (!id) return fail(ErrorKind::internal, "a start key refers to no execution", "report this");
    return Written{.id = *id, .existing = true};
  }
  if (rows.text(row, 2) == "t") return Written{.id = create.id};
  return fail(ErrorKind::conflict,
              fmt::format("an execution with id {} exists already", to_text(create.id)),
              "start it again under a new id");
}

}  // namespace

Query plan_by_index() { return {kPlanByIndex, {}}; }

BatchStatements statements_of(WriteSpan batch, bool repeat, Time now) {
  Creates creates, careful;
  Saves saves;
  for (const Write* write : batch) {
    if (const auto* save = std::get_if<SaveWrite>(write)) {
      saves.push_back(save);
    } else {
      const auto& create = std::get<CreateWrite>(*write);
      (is_careful(create, repeat) ? careful : creates).push_back(&create);
    }
  }
  BatchStatements statements;
  if (!careful.empty() || !saves.empty()) statements.queries.push_back(plan_by_index());
  if (!careful.empty()) add_careful_creates(careful, now, statements);
  if (!creates.empty()) add_creates(creates, statements);
  sort_by_id(saves);
  if (!saves.empty()) add_saves(saves, statements);
  return statements;
}

std::vector<Outcome> outcomes_of(WriteSpan batch, bool repeat, const BatchStatements& statements,
                                 const std::vector<RowsPtr>& answers) {
  std::unordered_set<std::string_view> saved;
  if (statements.saves) {
    const data::Rows& rows = *answers[*statements.saves];
    for (std::size_t row = 0; row < rows.size(); ++row) saved.insert(rows.text(row, 0));
  }
  std::size_t careful_row = 0;
  std::vector<Outcome> outcomes;
  outcomes.reserve(batch.size());
  for (const Write* write : batch) {
    const Uuid& id = execution_of(*write);
    const auto* create = std::get_if<CreateWrite>(write);
    if (!create)
      outcomes.push_back(saved.contains(to_text(id)) ? Outcome(Written{.id = id}) : std::nullopt);
    else if (is_careful(*create, repeat))
      outcomes.emplace_back(
          outcome_of_careful(*create, *answers[*statements.careful_creates], careful_row++));
    else
      outcomes.emplace_back(Written{.id = id});
  }
  return outcomes;
}

Query settling_query(std::span<const SaveWrite* const> saves) {
  std::array<ArrayText, 3> columns;
  for (const SaveWrite* save : saves)
    add_row(columns, save->id, save->history.seq, save->history.term);
  return {kSettle, parameters_of(columns)};
}

std::vector<Result<Written>> settle(std::span<const SaveWrite* const> saves,
                                    const data::Rows& answer) {
  std::vector<Result<Written>> outcomes;
  for (std::size_t row = 0; row < saves.size(); ++row) {
    const SaveWrite& save = *saves[row];
    std::string id = to_text(save.id);
    if (answer.is_null(row, 0))
      outcomes.push_back(fail(ErrorKind::not_found, fmt::format("no execution has the id {}", id),
                              "it may have been removed by retention; drop it"));
    else if (answer.text(row, 3) == "t")
      outcomes.push_back(Written{.id = save.id});
    else
      outcomes.push_back(fail(
          ErrorKind::conflict,
          fmt::format("execution {} {} term {} with checkpoint {}; term {} cannot write "
                      "checkpoint {}",
                      id, answer.text(row, 2) == "t" ? "ended in" : "is in", answer.text(row, 0),
                      answer.text(row, 1), save.history.term, save.history.seq),
          "drop the execution: another worker owns it"));
  }
  return outcomes;
}

}  // namespace auterity::engine
