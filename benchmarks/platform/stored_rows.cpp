#include "stored_rows.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

namespace auterity::benchmark {
namespace {

using data::Statement;

constexpr Statement kCountWrites{
    "benchmark.count_row_writes",
    "SELECT count(h.seq) + max(e.seq) FROM workflow_executions e"
    " JOIN execution_history h ON h.execution_id = e.id WHERE e.id = $1::uuid"};

// The numbers $1 to $2 - 1 of $3, spread over ten minutes up to now; the rest of an id is random.
constexpr Statement kAdd{
    "benchmark.add_executions",
    "INSERT INTO workflow_executions (id, workflow_id, created_at, started_at, finished_at, term,"
    " seq, last_event, status, wake, trigger, workflow_type, started_by, traceparent, input,"
    " output) "
    "SELECT (lpad(to_hex((extract(epoch FROM i.at) * 1000)::bigint), 12, '0') || '7' ||"
    " substr(i.digits, 1, 3) || '8' || substr(i.digits, 4, 15))::uuid,"
    " ($4::uuid[])[1 + i.n % array_length($4::uuid[], 1)], i.at, i.at, i.at, 1, 1, 4,"
    " CASE WHEN i.n % 50 = 0 THEN 'faulted' ELSE 'completed' END::execution_status, 'none', 'api',"
    " 'untyped', '', '', '{\"n\":' || i.n || '}', '{\"greeting\":\"hello\"}' "
    "FROM (SELECT n, md5(random()::text) AS digits, now() - interval '10 minutes' +"
    " interval '10 minutes' * n / $3::bigint AS at"
    " FROM generate_series($1::bigint, $2::bigint - 1) AS n) AS i"};

// What autovacuum does in time: the planner's statistics, and the visibility of pages.
constexpr Statement kVacuum{"benchmark.vacuum", "VACUUM (ANALYZE) workflow_executions"};

constexpr long kChunk = 100'000;

}  // namespace

Async<Result<double>> count_row_writes(data::Database& database, std::string execution_id) {
  AUTERITY_CO_TRY(rows, co_await database.read({kCountWrites, {std::move(execution_id)}}));
  co_return std::strtod(std::string(rows->text(0, 0)).c_str(), nullptr);
}

Async<Status> add_ended_executions(data::Database& database, std::vector<std::string> workflow_ids,
                                   long count) {
  const std::string workflows = data::to_array_literal({workflow_ids.begin(), workflow_ids.end()});
  for (long from = 0; from < count; from += kChunk)
    AUTERITY_CO_CHECK(co_await database.query(
        {kAdd,
         {std::to_string(from), std::to_string(std::min(from + kChunk, count)),
          std::to_string(count), workflows}}));
  AUTERITY_CO_CHECK(co_await database.query({kVacuum, {}}));
  co_return Status();
}

}  // namespace auterity::benchmark
