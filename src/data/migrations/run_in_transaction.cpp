// The ordinary class: all locks first, then the statements, then the record, together or not at
// all. While locks are being waited for, nothing else happens, so the whole wait of an attempt is
// known and kept within the budget; then everything is given up, others go ahead, and it is tried
// again.
#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "data/back_off.h"
#include "data/migrations/migrator.h"

namespace auterity::data {
namespace {

constexpr Duration kLeastWait = std::chrono::milliseconds(10);

constexpr Statement kLockable{
    "migrations.lockable",
    "SELECT EXISTS (SELECT FROM pg_class WHERE oid = to_regclass($1) AND relkind IN ('r', 'p'))"};
constexpr Statement kLockHolders{
    "migrations.lock_holders",
    "SELECT string_agg(line, '; ') FROM (SELECT DISTINCT ON (pid) format("
    "'session %s (%s, %s since %s)', pid, coalesce(nullif(application_name, ''), usename), state, "
    "to_char(xact_start AT TIME ZONE 'UTC', 'HH24:MI:SS\"Z\"')) AS line "
    "FROM pg_locks JOIN pg_stat_activity USING (pid) "
    "WHERE locktype = 'relation' AND pg_locks.granted AND relation IN "
    "(SELECT to_regclass(name) FROM unnest($1::text[]) AS name) "
    "AND pid <> pg_backend_pid() ORDER BY pid LIMIT 3) holders"};

}  // namespace

Async<Status> Migrator::run_transaction(const Job& job) {
  const MigrationLimits& limits = options_.limits;
  const Duration deadline = clock_.monotonic() + limits.lock_deadline;
  BackOff pause(limits.lock_budget / 2, limits.lock_budget * 8);
  for (;;) {
    AUTERITY_CO_CHECK(co_await work_->execute_script("BEGIN"));
    Status outcome = co_await attempt(job);
    if (outcome) outcome = co_await work_->execute_script("COMMIT");
    if (outcome) co_return outcome;
    co_await work_->execute_script("ROLLBACK");
    if (outcome.error().kind != ErrorKind::try_again) co_return outcome;
    if (clock_.monotonic() >= deadline)
      co_return std::unexpected(co_await lock_not_to_be_had(job, pause.failures() + 1));
    const Duration wait = std::min(pause.next(), deadline - clock_.monotonic());
    note(fmt::format("{}: its tables are in use; attempt {} follows", label(job.migration),
                     pause.failures() + 1));
    co_await clock_.sleep(wait);
    AUTERITY_CO_CHECK(co_await still_ours());
  }
}

Async<Status> Migrator::attempt(const Job& job) {
  const Duration began = clock_.monotonic();
  AUTERITY_CO_CHECK(co_await lock_tables(job, began));
  // What could not be foreseen (a cascade, the table of an index) has what is left of the budget.
  const Duration left =
      std::max(options_.limits.lock_budget - (clock_.monotonic() - began), kLeastWait);
  const bool scans = job.script.run_class == RunClass::validation;
  AUTERITY_CO_CHECK(co_await limit(
      left, scans ? options_.limits.long_statement : options_.limits.statement, true));
  if (job.direction == Direction::down) AUTERITY_CO_CHECK(co_await bookkeeping(job));
  for (const SqlStatement& statement : job.script.statements) {
    auto outcome = co_await work_->execute_script(statement.text);
    if (!outcome)
      co_return std::unexpected(
          std::move(outcome).error().within(fmt::format("line {}", statement.line)));
  }
  if (job.direction == Direction::up) co_return co_await bookkeeping(job);
  co_return Status{};
}

Async<Status> Migrator::lock_tables(const Job& job, Duration attempt_began) {
  AUTERITY_CO_TRY(tables, co_await tables_to_lock(job.script));
  for (const TableLock& lock : tables) {
    const Duration left =
        std::max(options_.limits.lock_budget - (clock_.monotonic() - attempt_began), kLeastWait);
    AUTERITY_CO_CHECK(co_await limit(left, options_.limits.statement, true));
    AUTERITY_CO_CHECK(co_await work_->execute_script(
        fmt::format("LOCK TABLE {} IN {} MODE", lock.table.quoted(), name_of(lock.mode))));
  }
  co_return Status{};
}

Async<Result<std::vector<TableLock>>> Migrator::tables_to_lock(const Script& script) {
  std::vector<TableLock> wanted;
  for (const SqlStatement& statement : script.statements) {
    for (const TableLock& lock : locks_of(statement)) {
      if (lock.mode <= LockMode::row_exclusive) continue;
      const auto known = std::ranges::find(wanted, lock.table, &TableLock::table);
      if (known == wanted.end())
        wanted.push_back(lock);
      else
        known->mode = std::max(known->mode, lock.mode);
    }
  }
  // One order for everybody: two migrations cannot wait for each other.
  std::ranges::sort(wanted, {}, &TableLock::table);
  std::vector<TableLock> there;
  for (TableLock& lock : wanted) {
    AUTERITY_CO_TRY(rows, co_await work_->query({kLockable, {lock.table.quoted()}}));
    if (rows->text(0, 0) == "t") there.push_back(std::move(lock));
  }
  co_return there;
}

Async<Error> Migrator::lock_not_to_be_had(const Job& job, int attempts) {
  std::vector<SqlParameter> names;
  std::string shown;
  if (const auto tables = co_await tables_to_lock(job.script))
    for (const TableLock& lock : *tables) {
      names.emplace_back(lock.table.quoted());
      shown += (shown.empty() ? "" : ", ") + lock.table.text();
    }
  Error error{ErrorKind::try_again,
              fmt::format("the locks on {} were not to be had in {} attempts, and nothing was "
                          "changed",
                          shown.empty() ? "its tables" : shown, attempts),
              "end the sessions that hold them (SELECT pg_terminate_backend(ID)) or wait for a "
              "quiet hour, then try again"};
  const auto holders = co_await work_->query({kLockHolders, {to_array_literal(names)}});
  if (holders && !(*holders)->is_null(0, 0))
    error.message += fmt::format("; held by {}", (*holders)->text(0, 0));
  co_return error;
}

}  // namespace auterity::data
