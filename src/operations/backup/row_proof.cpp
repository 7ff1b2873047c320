#include "operations/backup/row_proof.h"

#include <fmt/format.h>

#include <array>

namespace auterity::operations::backup {
namespace {

using namespace std::chrono_literals;

// For the locks of all tables together. Short at first, so that nobody queues behind us for long;
// then long enough for the server to cancel a vacuum that is in the way (deadlock_timeout is a
// second).
constexpr std::array<int, 8> kLockLimits_ms{100, 200, 200, 400, 400, 1500, 1500, 1500};
constexpr Duration kBetween = 200ms;
// Of each statement once the locks are held.
constexpr int kHeldLimit_ms = 5000;

constexpr data::Statement kTables{
    "row_proof.tables",
    "SELECT string_agg(format('%I.%I', n.nspname, c.relname), ', ' ORDER BY n.nspname, c.relname) "
    "FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
    "WHERE c.relkind = 'r' AND c.relpersistence <> 't' AND n.nspname <> 'information_schema' "
    "AND n.nspname NOT LIKE 'pg\\_%' AND NOT EXISTS (SELECT FROM pg_depend d "
    "WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')"};
constexpr data::Statement kPoint{"row_proof.point",
                                 "SELECT pg_create_restore_point($1)::text, pg_export_snapshot()"};

// A table that appeared meanwhile is not kept waiting.
struct HeldPoint {
  data::Lsn place;
  std::string snapshot;
};

Async<Result<std::string>> tables_of(data::Session& session) {
  AUTERITY_CO_TRY(rows, co_await session.query({kTables, {}}));
  co_return std::string(rows->text(0, 0));
}

// In a transaction whose snapshot is not taken yet. nullopt: the tables changed meanwhile.
Async<Result<std::optional<HeldPoint>>> take_point(data::Session& session, std::string tables,
                                                   int limit_ms, std::string point) {
  // A lock_timeout would count for each table anew.
  AUTERITY_CO_CHECK(co_await session.execute_script(fmt::format(
      "BEGIN ISOLATION LEVEL REPEATABLE READ; SET LOCAL statement_timeout = '{}ms'", limit_ms)));
  AUTERITY_CO_CHECK(co_await session.execute_script(fmt::format(
      "LOCK TABLE {} IN SHARE MODE; SET LOCAL statement_timeout = '{}ms'", tables, kHeldLimit_ms)));
  AUTERITY_CO_TRY(row, co_await session.query({kPoint, {std::move(point)}}));
  AUTERITY_CO_TRY(now, co_await tables_of(session));
  const auto place = data::Lsn::parse(row->text(0, 0));
  if (now != tables || !place) co_return std::nullopt;
  co_return HeldPoint{*place, std::string(row->text(0, 1))};
}

Async<Result<RowCounts>> count_at(data::Session& session, std::string snapshot,
                                  data::Session& holder) {
  AUTERITY_CO_CHECK(co_await session.execute_script(
      fmt::format("SET statement_timeout = 0; BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; "
                  "SET TRANSACTION SNAPSHOT '{}'",
                  snapshot)));
  // The snapshot has a second holder: writers may go on.
  AUTERITY_CO_CHECK(co_await holder.execute_script("COMMIT"));
  AUTERITY_CO_TRY(counts, co_await count_rows(session));
  AUTERITY_CO_CHECK(co_await session.execute_script("COMMIT"));
  co_return counts;
}

}  // namespace

Async<Result<std::optional<RowProof>>> prove_rows(data::Database& database, Clock& clock,
                                                  std::string point) {
  AUTERITY_CO_TRY(session, co_await database.open_session());
  // Before anybody is kept waiting: connecting may take its time.
  AUTERITY_CO_TRY(counting, co_await database.open_session());
  int attempt = 0;
  for (const int limit_ms : kLockLimits_ms) {
    AUTERITY_CO_TRY(tables, co_await tables_of(*session));
    const std::string name = fmt::format("{} {}", point, ++attempt);
    auto held = co_await take_point(*session, tables, limit_ms, name);
    if (held && *held) {
      AUTERITY_CO_TRY(rows, co_await count_at(*counting, (*held)->snapshot, *session));
      co_return RowProof{name, (*held)->place, std::move(rows)};
    }
    AUTERITY_CO_CHECK(co_await session->execute_script("ROLLBACK"));
    if (!held && held.error().kind != ErrorKind::timeout &&
        held.error().kind != ErrorKind::try_again && held.error().kind != ErrorKind::conflict)
      co_return std::unexpected(std::move(held).error());
    co_await clock.sleep(kBetween);
  }
  co_return std::nullopt;
}

}  // namespace auterity::operations::backup
