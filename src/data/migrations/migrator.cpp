#include "data/migrations/migrator.h"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "data/back_off.h"

namespace auterity::data {
namespace {

// Arbitrary keys; every release must use the same. The second one is the working connection's.
constexpr std::string_view kGuardKey = "7205759403792793";
constexpr std::string_view kWorkKey = "7205759403792794";

constexpr Statement kTryLock{"migrations.try_lock", "SELECT pg_try_advisory_lock($1::bigint)"};
constexpr Statement kHolder{
    "migrations.holder",
    "SELECT pid, coalesce(nullif(application_name, ''), 'unknown'), "
    "to_char(backend_start AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"') "
    "FROM pg_locks JOIN pg_stat_activity USING (pid) "
    "WHERE locktype = 'advisory' AND pg_locks.granted AND objsubid = 1 "
    "AND (classid::bigint << 32) + objid::bigint = $1::bigint"};
constexpr Statement kName{"migrations.name_session",
                          "SELECT set_config('application_name', left($1, 63), false)"};
constexpr Statement kAlive{"migrations.alive", "SELECT 1"};
constexpr Statement kRecord{
    "migrations.record",
    "INSERT INTO schema_migrations (revision, name, checksum) VALUES ($1, $2, $3)"};
constexpr Statement kForget{"migrations.forget",
                            "DELETE FROM schema_migrations WHERE revision = $1"};
constexpr Statement kKeepsSnapshots{"migrations.keeps_snapshots",
                                    "SELECT to_regclass('schema_snapshots') IS NOT NULL"};
constexpr Statement kSnapshot{
    "migrations.keep_snapshot",
    "INSERT INTO schema_snapshots (revision, applied_by, duration_ms, fingerprint, description) "
    "VALUES ($1, $2, $3, $4, $5)"};

}  // namespace

std::string Migrator::Job::file() const {
  return fmt::format("{}.{}.sql", label(migration), direction == Direction::up ? "up" : "down");
}

Async<Result<std::unique_ptr<Migrator>>> Migrator::open(Database& database, Clock& clock,
                                                        MigratorOptions options) {
  std::unique_ptr<Migrator> migrator(new Migrator(clock, std::move(options)));
  AUTERITY_CO_CHECK(co_await migrator->take_locks(database));
  co_return std::move(migrator);
}

Async<Status> Migrator::take_locks(Database& database) {
  const Duration deadline = clock_.monotonic() + options_.limits.migrator_wait;
  AUTERITY_CO_TRY(guard, co_await database.open_session());
  guard_ = std::move(guard);
  AUTERITY_CO_TRY(work, co_await database.open_session());
  work_ = std::move(work);
  const std::string name = "auterity migrate: " + options_.who;
  for (Session* session : {guard_.get(), work_.get()})
    AUTERITY_CO_CHECK(co_await session->query({kName, {name}}));
  // Each statement of a migration is planned for what it is given, once.
  AUTERITY_CO_CHECK(co_await work_->execute_script("SET plan_cache_mode = auto"));
  AUTERITY_CO_CHECK(co_await try_lock(*guard_, kGuardKey, deadline));
  co_return co_await try_lock(*work_, kWorkKey, deadline);
}

Async<Status> Migrator::try_lock(Session& session, std::string_view key, Duration deadline) {
  BackOff pause(std::chrono::milliseconds(50), std::chrono::seconds(1));
  for (;;) {
    AUTERITY_CO_TRY(rows, co_await session.query({kTryLock, {std::string(key)}}));
    if (rows->text(0, 0) == "t") co_return Status{};
    if (clock_.monotonic() >= deadline) co_return std::unexpected(co_await other_migrator(key));
    if (pause.failures() == 0) note("waiting for another migrator to end");
    co_await clock_.sleep(std::min(pause.next(), deadline - clock_.monotonic()));
  }
}

Async<Error> Migrator::other_migrator(std::string_view key) {
  Error error{ErrorKind::conflict, "another process is migrating this database",
              "wait until it has ended, then try again"};
  const auto holder = co_await work_->query({kHolder, {std::string(key)}});
  if (holder && (*holder)->size() > 0)
    error.message += fmt::format(": {}, session {}, since {}", (*holder)->text(0, 1),
                                 (*holder)->text(0, 0), (*holder)->text(0, 2));
  co_return error;
}

// The lock went with its connection: somebody else may be at work by now.
Async<Status> Migrator::still_ours() {
  const auto alive = co_await guard_->query({kAlive, {}});
  if (alive) co_return Status{};
  Error error = alive.error();
  co_return std::unexpected(std::move(error).within("the migrators' lock was lost"));
}

Async<Status> Migrator::apply(Migration migration) {
  co_return co_await run(std::move(migration), Direction::up);
}

Async<Status> Migrator::revert(Migration migration) {
  co_return co_await run(std::move(migration), Direction::down);
}

Async<Status> Migrator::run(Migration migration, Direction direction) {
  Job job{std::move(migration), direction, {}, clock_.monotonic()};
  if (direction == Direction::down && job.migration.down.empty())
    co_return fail(ErrorKind::conflict, label(job.migration) + " declares no way back",
                   "restore a backup instead");
  auto script = read_script(direction == Direction::up ? job.migration.up : job.migration.down);
  if (!script) co_return std::unexpected(std::move(script).error().within(job.file()));
  job.script = std::move(*script);
  AUTERITY_CO_CHECK(co_await still_ours());
  auto outcome = co_await run_job(job);
  if (!outcome) co_return std::unexpected(std::move(outcome).error().within(job.file()));
  co_return outcome;
}

Async<Status> Migrator::run_job(const Job& job) {
  switch (job.script.run_class) {
    case RunClass::transaction:
    case RunClass::validation:
      return run_transaction(job);
    case RunClass::index:
      return run_index(job);
    case RunClass::alone:
      return run_alone(job);
    case RunClass::backfill:
      return run_backfill(job);
  }
  return run_transaction(job);
}

Async<Status> Migrator::record_alone(const Job& job) {
  AUTERITY_CO_CHECK(co_await limit(options_.limits.lock_budget, options_.limits.statement, false));
  AUTERITY_CO_CHECK(co_await work_->execute_script("BEGIN"));
  Status outcome = co_await bookkeeping(job);
  if (outcome) co_return co_await work_->execute_script("COMMIT");
  co_await work_->execute_script("ROLLBACK");
  co_return outcome;
}

// The row, and what the schema is like from here on.
Async<Status> Migrator::bookkeeping(const Job& job) {
  const Migration& migration = job.migration;
  const std::string revision = std::to_string(migration.revision);
  if (job.direction == Direction::down) {
    AUTERITY_CO_CHECK(co_await work_->query({kForget, {revision}}));
    co_return Status{};
  }
  AUTERITY_CO_CHECK(
      co_await work_->query({kRecord, {revision, migration.name, migration.checksum}}));
  co_return co_await keep_snapshot(job);
}

Async<Status> Migrator::keep_snapshot(const Job& job) {
  AUTERITY_CO_TRY(keeps, co_await work_->query({kKeepsSnapshots, {}}));
  if (keeps->text(0, 0) != "t") co_return Status{};
  AUTERITY_CO_TRY(schema, co_await describe_schema(*work_));
  const auto took =
      std::chrono::duration_cast<std::chrono::milliseconds>(clock_.monotonic() - job.began);
  AUTERITY_CO_CHECK(
      co_await work_->query({kSnapshot,
                             {std::to_string(job.migration.revision), options_.who,
                              std::to_string(took.count()), schema.fingerprint, schema.text}}));
  co_return Status{};
}

// 0 is without limit, as in PostgreSQL.
Async<Status> Migrator::limit(Duration lock_wait, Duration statement, bool in_transaction) {
  using std::chrono::milliseconds;
  const std::string_view scope = in_transaction ? "LOCAL" : "SESSION";
  return work_->execute_script(
      fmt::format("SET {0} lock_timeout = {1}; SET {0} statement_timeout = {2}", scope,
                  std::chrono::duration_cast<milliseconds>(lock_wait).count(),
                  std::chrono::duration_cast<milliseconds>(statement).count()));
}

void Migrator::note(std::string_view text) const {
  if (options_.on_note) options_.on_note(text);
}

}  // namespace auterity::data
