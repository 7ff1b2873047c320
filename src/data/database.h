#pragma once
// PostgreSQL as a service. Purpose: run named statements over a pool of asynchronous libpq
// connections in pipeline mode, and survive restarts of the server. Invariants: a statement whose
// outcome is unknown (connection lost after sending) is reported as `unavailable` and never
// repeated by this layer, except through read(), which is safe to repeat; a connection that failed
// is replaced with back-off. Not here: domain SQL (stores own it), migrations (migrations.h).
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/async.h"
#include "core/clock.h"
#include "core/error.h"
#include "core/log.h"

namespace auterity::data {

// A parameter, in PostgreSQL's text form unless Query says otherwise; nullopt is NULL.
using SqlParameter = std::optional<std::string>;

// `name` shows in traces and as a comment in pg_stat_activity ("/* workflows.find */"); it is also
// the key under which each connection keeps the prepared statement, so one name must always have
// the same text.
struct Statement {
  std::string_view name;  // static storage
  std::string_view sql;   // static storage, $1…
};

struct Query {
  Statement statement;
  std::vector<SqlParameter> parameters;
  // The first so many parameters are in PostgreSQL's binary form instead: cheaper for large arrays,
  // where the text form is read twice, character by character.
  std::size_t binary_parameters = 0;
};

// All rows of one statement, in text form. Indices are asserted.
class Rows {
 public:
  virtual ~Rows() = default;
  virtual std::size_t size() const = 0;
  virtual std::size_t columns() const = 0;
  virtual bool is_null(std::size_t row, std::size_t column) const = 0;
  virtual std::string_view text(std::size_t row, std::size_t column) const = 0;
  // Rows touched by INSERT, UPDATE, DELETE.
  virtual std::size_t affected() const = 0;
};
using RowsPtr = std::shared_ptr<const Rows>;

// A connection held for an interactive transaction (several dependent statements). Keep it short:
// it occupies a pool slot and row locks.
class Session {
 public:
  virtual ~Session() = default;
  virtual Async<Result<RowsPtr>> query(Query query) = 0;
  // Free text without parameters: DDL, several statements separated by semicolons.
  virtual Async<Status> execute_script(std::string sql) = 0;
};

class Database {
 public:
  virtual ~Database() = default;
  // One statement in its own transaction. Errors by SQLSTATE: 23505 conflict, 23503/23514/22*
  // invalid_input, 40001/40P01 try_again, 53100 storage_full, 57014 timeout, 08*/57P0* unavailable,
  // else internal. A pool without a free connection waits up to its acquire deadline, then answers
  // unavailable.
  virtual Async<Result<RowsPtr>> query(Query query) = 0;
  // Like query() for statements that change nothing: repeated once on a fresh connection when the
  // old one turned out dead; while all connections are in use, waiting reads go out together in one
  // round trip (and one transaction).
  virtual Async<Result<RowsPtr>> read(Query query) = 0;
  // All statements in one transaction, sent as one pipeline: one round trip. Fails as a whole with
  // the first error.
  virtual Async<Result<std::vector<RowsPtr>>> transact(std::vector<Query> queries) = 0;
  // BEGIN, work, COMMIT (ROLLBACK when work fails).
  virtual Async<Status> with_transaction(std::function<Async<Status>(Session&)> work) = 0;
  // A session outside any transaction, of a connection of its own (not pooled): migrations, LISTEN,
  // advisory locks.
  virtual Async<Result<std::unique_ptr<Session>>> open_session() = 0;

  struct PoolState {
    std::size_t open, busy, waiting, limit;
  };
  virtual PoolState pool() const = 0;
  // Closes idle connections, refuses new work, completes when busy ones are returned. Must have
  // completed before the object goes.
  virtual Async<void> close() = 0;
};

struct DatabaseOptions {
  std::string url;  // libpq URI or key=value string; never logged
  std::string application_name = "auterity";
  std::size_t max_connections = 8;
  Duration connect_timeout = std::chrono::seconds(5);
  Duration acquire_timeout = std::chrono::seconds(5);
  Duration statement_timeout = std::chrono::seconds(30);
};
// Connects on first use. While the server is away, callers wait up to `acquire_timeout`, so that a
// restart is ridden out; once it has been away for longer, they are refused at once until it is
// back. Calls are made on `executor` alone, which runs on one thread.
std::unique_ptr<Database> open_database(Executor executor, Clock& clock, Log& log,
                                        DatabaseOptions options);

// Text form of PostgreSQL arrays for `unnest($1::text[], …)`, the fast way to send many rows in one
// statement.
std::string to_array_literal(const std::vector<SqlParameter>& elements);

}  // namespace auterity::data
