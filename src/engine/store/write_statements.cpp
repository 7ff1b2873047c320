#include "engine/store/write_statements.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <unordered_set>

#include "engine/store/binary_array.h"
#include "engine/store/history_text.h"

namespace auterity::engine {
namespace {

using data::Query;
using data::RowsPtr;
using data::Statement;

#define EXECUTION_COLUMNS                                                                        \
  "id, workflow_id, created_at, started_at, finished_at, due_at, term, seq, last_event, status," \
  " wake, owner, trigger, workflow_type, started_by, traceparent, input, output, error"
#define EXECUTION_ARRAYS                                                                    \
  "$1::uuid[], $2::uuid[], $3::timestamptz[], $4::timestamptz[], $5::timestamptz[],"        \
  " $6::timestamptz[], $7::bigint[], $8::bigint[], $9::bigint[], $10::text[], $11::text[]," \
  " $12::text[], $13::text[], $14::text[], $15::text[], $16::text[], $17::text[],"          \
  " $18::text[], $19::text[]"
#define EXECUTION_VALUES                                                                     \
  "i.id, i.workflow_id, i.created_at, i.started_at, i.finished_at, i.due_at, i.term, i.seq," \
  " i.last_event, i.status::execution_status, i.wake::wake_reason, i.owner, i.trigger,"      \
  " i.workflow_type, i.started_by, i.traceparent, i.input, i.output, i.error"
#define HISTORY_COLUMNS "execution_id, seq, term, last_event, format, events, state"
#define HISTORY_ARRAYS \
  "$1::uuid[], $2::bigint[], $3::bigint[], $4::bigint[], $5::text[], $6::text[]"

constexpr Statement kCreate{"executions.create",
                            "INSERT INTO workflow_executions (" EXECUTION_COLUMNS
                            ") SELECT " EXECUTION_VALUES " FROM unnest(" EXECUTION_ARRAYS
                            ") AS i(" EXECUTION_COLUMNS ")"};

constexpr Statement kCreateHistory{
    "executions.create_history",
    "INSERT INTO execution_history (" HISTORY_COLUMNS
    ") "
    "SELECT i.id, i.seq, i.term, i.last_event, $7::smallint, i.events, i.state "
    "FROM unnest(" HISTORY_ARRAYS ") AS i(id, seq, term, last_event, events, state)"};

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
    "INSERT INTO workflow_executions (" EXECUTION_COLUMNS ") SELECT " EXECUTION_VALUES
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
    "SELECT i.id, i.seq, i.term, i.last_event, $9::smallint, i.events, i.state "
    "FROM unnest(" HISTORY_ARRAYS
    ", $7::uuid[], $8::timestamptz[])"
    " AS i(id, seq, term, last_event, events, state, workflow, created_at) "
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

// What of a person's request is left once this checkpoint is in. An owner may still suspend what
// was resumed meanwhile, since it heard of the one and not of the other: nobody asks for that any
// more.
#define REQUEST_LEFT                                                   \
  "CASE WHEN i.wake = 'none' THEN NULL"                                \
  " WHEN e.requested = 'suspend' AND i.status = 'suspended' THEN NULL" \
  " WHEN e.requested = 'resume' AND i.status <> 'suspended' THEN NULL" \
  " WHEN e.requested IS NULL AND i.status = 'suspended'"               \
  " AND e.status <> 'suspended' THEN 'resume'"                         \
  " ELSE e.requested END"

// The conditions are checked again on the newest version of the row once it is locked, so a claim
// that commits first makes the save miss, and a save that commits first makes the claim skip or see
// it.
constexpr Statement kSave{
    "executions.save",
    "WITH saved AS ("
    "UPDATE workflow_executions e SET seq = i.seq,"
    " last_event = greatest(e.last_event, i.last_event), status = i.status::execution_status,"
    " started_at = coalesce(e.started_at, $13::timestamptz), finished_at = i.finished_at,"
    " requested = " REQUEST_LEFT
    ","
    " wake = CASE WHEN i.wake IN ('lease', 'none') OR " REQUEST_LEFT
    " IS NULL THEN i.wake::wake_reason ELSE 'ready' END,"
    " due_at = CASE WHEN i.wake = 'none' THEN NULL"
    " WHEN i.wake = 'lease' THEN CASE WHEN e.wake = 'lease' THEN e.due_at ELSE i.due_at END"
    " WHEN " REQUEST_LEFT
    " IS NULL THEN i.due_at ELSE $13::timestamptz END,"
    " owner = CASE WHEN i.wake = 'lease' THEN e.owner END,"
    " output = i.output, error = i.error "
    "FROM unnest($1::uuid[], $2::bigint[], $3::bigint[], $4::bigint[], $5::text[], $6::text[],"
    " $7::timestamptz[], $8::timestamptz[], $9::text[], $10::text[], $11::text[], $12::text[])"
    " AS i(id, seq, term, last_event, status, wake, due_at, finished_at, output, error, events,"
    " state) "
    "WHERE e.id = i.id AND e.term = i.term AND e.seq = i.seq - 1 AND e.wake <> 'none' "
    "RETURNING i.id, i.seq, i.term, i.last_event, i.events, i.state) "
    "INSERT INTO execution_history (" HISTORY_COLUMNS
    ") "
    "SELECT id, seq, term, last_event, $14::smallint, events, state FROM saved "
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
Query query_of(const Statement& statement, std::array<BinaryArray, N>& columns) {
  Query query{.statement = statement, .parameters = {}, .binary_parameters = N};
  query.parameters.reserve(N + 2);
  for (BinaryArray& column : columns) query.parameters.emplace_back(column.take());
  return query;
}

// Adds one value a column, in order.
template <std::size_t N, typename... Values>
void add_row(std::array<BinaryArray, N>& columns, const Values&... values) {
  static_assert(sizeof...(Values) <= N);
  std::size_t column = 0;
  (columns[column++].add(values), ...);
}

using Creates = std::vector<const CreateWrite*>;
using Saves = std::vector<const SaveWrite*>;

BinaryArray bigints() { return BinaryArray(ElementType::bigint); }
BinaryArray texts() { return BinaryArray(ElementType::text); }
BinaryArray times() { return BinaryArray(ElementType::timestamptz); }
BinaryArray uuids() { return BinaryArray(ElementType::uuid); }

// EXECUTION_COLUMNS, then the kind and text of the start key.
constexpr std::size_t kExecutionColumns = 19;
std::array<BinaryArray, kExecutionColumns + 2> execution_columns(const Creates& creates) {
  std::array columns{uuids(),   uuids(),   times(), times(), times(), times(), bigints(),
                     bigints(), bigints(), texts(), texts(), texts(), texts(), texts(),
                     texts(),   texts(),   texts(), texts(), texts(), texts(), texts()};
  for (const CreateWrite* create : creates)
    add_row(columns, create->id, create->workflow_id, create->created_at, create->started_at,
            create->finished_at, create->due_at, create->term,
            create->first ? create->first->seq : 0, create->first ? create->first->last_event : 0,
            to_text(create->status), to_text(create->wake), create->owner, create->trigger,
            create->workflow_type, create->started_by, create->traceparent, create->input,
            create->output, create->error);
  return columns;
}

Query create_query(const Creates& creates) {
  auto columns = execution_columns(creates);
  Query query = query_of(kCreate, columns);
  query.parameters.resize(kExecutionColumns);
  query.binary_parameters = kExecutionColumns;
  return query;
}

Query history_query(const Creates& creates) {
  std::array columns{uuids(), bigints(), bigints(), bigints(), texts(), texts()};
  for (const CreateWrite* create : creates)
    if (const auto& row = create->first)
      add_row(columns, create->id, row->seq, row->term, row->last_event, row->events, row->state);
  Query query = query_of(kCreateHistory, columns);
  query.parameters.emplace_back(std::to_string(kHistoryFormat));
  return query;
}

bool any_history(const Creates& creates) {
  return std::ranges::any_of(creates,
                             [](const CreateWrite* create) { return create->first.has_value(); });
}

void add_creates(const Creates& creates, BatchStatements& batch) {
  batch.queries.push_back(create_query(creates));
  if (any_history(creates)) batch.queries.push_back(history_query(creates));
}

Query keys_query(const Creates& creates, Time now) {
  std::array columns{uuids(), texts(), texts(), uuids(), texts(), times()};
  for (const CreateWrite* create : creates)
    if (const auto& key = create->key)
      add_row(columns, create->workflow_id, key->kind, key->key, create->id, key->input_digest,
              key->expires_at);
  Query query = query_of(kTakeKeys, columns);
  query.parameters.emplace_back(to_rfc3339(now));
  return query;
}

// Adds the kind and text of a start key, or two nulls.
template <std::size_t N>
void add_key(std::array<BinaryArray, N>& columns, std::size_t at, const CreateWrite& create) {
  const auto& key = create.key;
  columns[at].add(key ? std::optional(key->kind) : std::nullopt);
  columns[at + 1].add(key ? std::optional(key->key) : std::nullopt);
}

Query careful_create(const Creates& creates) {
  auto columns = execution_columns(creates);
  for (const CreateWrite* create : creates) add_key(columns, kExecutionColumns, *create);
  return query_of(kCreateCarefully, columns);
}

Query careful_history(const Creates& creates) {
  std::array columns{uuids(), bigints(), bigints(), bigints(), texts(), texts(), uuids(), times()};
  for (const CreateWrite* create : creates)
    if (const auto& row = create->first)
      add_row(columns, create->id, row->seq, row->term, row->last_event, row->events, row->state,
              create->workflow_id, create->created_at);
  Query query = query_of(kCreateHistoryCarefully, columns);
  query.parameters.emplace_back(std::to_string(kHistoryFormat));
  return query;
}

Query see_created(const Creates& creates) {
  std::array columns{uuids(), uuids(), times(), texts(), texts()};
  for (const CreateWrite* create : creates) {
    add_row(columns, create->id, create->workflow_id, create->created_at);
    add_key(columns, 3, *create);
  }
  return query_of(kSeeCreated, columns);
}

void add_careful_creates(const Creates& creates, Time now, BatchStatements& batch) {
  if (std::ranges::any_of(creates,
                          [](const CreateWrite* create) { return create->key.has_value(); }))
    batch.queries.push_back(keys_query(creates, now));
  batch.queries.push_back(careful_create(creates));
  if (any_history(creates)) batch.queries.push_back(careful_history(creates));
  batch.careful_creates = batch.queries.size();
  batch.queries.push_back(see_created(creates));
}

void add_saves(const Saves& saves, Time now, BatchStatements& batch) {
  std::array columns{uuids(), bigints(), bigints(), bigints(), texts(), texts(),
                     times(), times(),   texts(),   texts(),   texts(), texts()};
  for (const SaveWrite* save : saves)
    add_row(columns, save->id, save->history.seq, save->history.term, save->history.last_event,
            to_text(save->status), to_text(save->wake),
            save->wake == WakeReason::lease ? save->lease_until : save->due_at, save->finished_at,
            save->output, save->error, save->history.events, save->history.state);
  Query query = query_of(kSave, columns);
  query.parameters.emplace_back(to_rfc3339(now));
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
  if (!saves.empty()) add_saves(saves, now, statements);
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
  std::array columns{uuids(), bigints(), bigints()};
  for (const SaveWrite* save : saves)
    add_row(columns, save->id, save->history.seq, save->history.term);
  return query_of(kSettle, columns);
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
