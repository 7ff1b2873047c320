#pragma once
// One migrator at work on one database. Holds an advisory lock on a connection of its own for as
// long as it lives (and a second one on the connection that works, so that the successor of a
// killed migrator begins only once the server has ended that one's statement). Invariants: a
// migration and its record appear together, or the migration can be repeated from wherever it was
// cut off; no attempt to lock tables waits, and so makes others wait, for longer than the budget;
// what is recorded is what was observed. It decides no order: callers do.
#include <deque>
#include <memory>
#include <string>

#include "data/migrations.h"
#include "data/migrations/applied.h"
#include "data/migrations/script.h"
#include "data/migrations/table_locks.h"

namespace auterity::data {

class Migrator {
 public:
  // conflict, naming the holder, when another migrator keeps the lock beyond `migrator_wait`.
  // `database` and `clock` outlive the migrator.
  static Async<Result<std::unique_ptr<Migrator>>> open(Database& database, Clock& clock,
                                                       MigratorOptions options);

  Session& session() { return *work_; }

  // Runs the migration's up file and records it. Errors name the file and line.
  Async<Status> apply(Migration migration);
  // Runs its down file and forgets it. conflict when it has none.
  Async<Status> revert(Migration migration);

 private:
  enum class Direction { up, down };
  struct Job {
    Migration migration;
    Direction direction;
    Script script;
    Duration began;  // monotonic
    std::string file() const;
  };

  Migrator(Clock& clock, MigratorOptions options) : clock_(clock), options_(std::move(options)) {}

  Async<Status> take_locks(Database& database);
  Async<Status> try_lock(Session& session, std::string_view key, Duration deadline);
  Async<Error> other_migrator(std::string_view key);
  Async<Status> still_ours();
  Async<Status> run(Migration migration, Direction direction);
  Async<Status> run_job(const Job& job);

  // Locks, statements and record in one transaction, tried again while locks are not to be had.
  Async<Status> run_transaction(const Job& job);
  Async<Status> attempt(const Job& job);
  Async<Status> lock_tables(const Job& job, Duration attempt_began);
  // Existing tables that the script locks more strongly than writers do, each once.
  Async<Result<std::vector<TableLock>>> tables_to_lock(const Script& script);
  Async<Error> lock_not_to_be_had(const Job& job, int attempts);

  // Outside a transaction; then the record.
  Async<Status> run_index(const Job& job);
  Async<Status> create_index(const Job& job, const SqlStatement& statement);
  Async<Status> drop_indexes(const SqlStatement& statement);
  Async<Status> drop_index(const TableName& index);
  Async<Status> run_alone(const Job& job);
  Async<Status> run_backfill(const Job& job);
  Async<Status> record_alone(const Job& job);

  Async<Status> bookkeeping(const Job& job);
  Async<Status> keep_snapshot(const Job& job);
  Async<Status> limit(Duration lock_wait, Duration statement, bool in_transaction);
  void note(std::string_view text) const;

  Clock& clock_;
  MigratorOptions options_;
  std::deque<std::string> prepared_texts_;  // must outlive the sessions that prepared them
  std::unique_ptr<Session> guard_;          // holds the migrators' lock
  std::unique_ptr<Session> work_;
};

}  // namespace auterity::data
