#include "data/database.h"

#include <array>
#include <cassert>
#include <utility>

#include "data/postgres/pool.h"
#include "data/postgres/session.h"

namespace auterity::data {
namespace {

constexpr Statement kBegin{"transaction.begin", "BEGIN"};
constexpr Statement kCommit{"transaction.commit", "COMMIT"};
constexpr Statement kRollback{"transaction.rollback", "ROLLBACK"};

class PooledDatabase final : public Database {
 public:
  PooledDatabase(Executor executor, Clock& clock, Log& log, DatabaseOptions options)
      : pool_(std::move(executor), clock, log, std::move(options)) {}

  Async<Result<RowsPtr>> query(Query query) override {
    return first_of(std::move(query), Repeat::when_nothing_was_done);
  }

  Async<Result<RowsPtr>> read(Query query) override {
    return first_of(std::move(query), Repeat::when_lost);
  }

  Async<Result<std::vector<RowsPtr>>> transact(std::vector<Query> queries) override {
    queries.insert(queries.begin(), Query{kBegin, {}});
    queries.push_back(Query{kCommit, {}});
    auto rows = co_await run(queries, Repeat::when_nothing_was_done);
    if (!rows) co_return std::unexpected(std::move(rows).error());
    rows->erase(rows->begin());
    rows->pop_back();
    co_return std::move(*rows);
  }

  Async<Status> with_transaction(std::function<Async<Status>(Session&)> work) override {
    auto lease = co_await pool_.acquire();
    if (!lease) co_return std::unexpected(std::move(lease).error());
    LeasedSession session(*lease);
    AUTERITY_CO_CHECK(co_await session.query({kBegin, {}}));
    auto outcome = co_await work(session);
    // The server would answer COMMIT with a rollback, and no error.
    if (outcome && (*lease)->in_failed_transaction()) {
      outcome = fail(ErrorKind::internal,
                     "the transaction was rolled back: one of its statements failed and the "
                     "failure was passed over",
                     "this is a defect of the platform; report it with the log lines around it");
    }
    const auto ended = co_await session.query({outcome ? kCommit : kRollback, {}});
    // A rollback that fails changes nothing: the connection is dropped, and the server rolls back
    // by itself.
    if (outcome && !ended) co_return std::unexpected(ended.error());
    co_return outcome;
  }

  Async<Result<std::unique_ptr<Session>>> open_session() override {
    auto connection = co_await pool_.connect();
    if (!connection) co_return std::unexpected(std::move(connection).error());
    co_return std::make_unique<OwnSession>(std::move(*connection));
  }

  PoolState pool() const override { return pool_.state(); }
  Async<void> close() override { return pool_.close(); }

 private:
  // When a failed batch may be sent once more: a stale plan did nothing; a lost connection leaves
  // that unknown.
  enum class Repeat { when_nothing_was_done, when_lost };

  Async<Result<RowsPtr>> first_of(Query query, Repeat repeat) {
    const std::array<Query, 1> batch{std::move(query)};
    auto rows = co_await run(batch, repeat);
    if (!rows) co_return std::unexpected(std::move(rows).error());
    co_return std::move(rows->front());
  }

  Async<Result<std::vector<RowsPtr>>> run(std::span<const Query> batch, Repeat repeat) {
    for (bool last_attempt = false;; last_attempt = true) {
      auto ready = pool_.try_acquire();
      Result<Lease> lease = ready ? Result<Lease>(std::move(*ready)) : co_await pool_.acquire();
      if (!lease) co_return std::unexpected(std::move(lease).error());
      auto rows = co_await lease->run(batch);
      if (rows || last_attempt) co_return rows;
      const bool lost = (*lease)->lost() && rows.error().kind == ErrorKind::unavailable;
      if (!(*lease)->stale() && !(lost && repeat == Repeat::when_lost)) {
        if (!(*lease)->lost() && !(*lease)->reusable())
          co_await lease->run(std::array{Query{kRollback, {}}});
        co_return rows;
      }
    }
  }

  Pool pool_;
};

}  // namespace

std::unique_ptr<Database> open_database(Executor executor, Clock& clock, Log& log,
                                        DatabaseOptions options) {
  return std::make_unique<PooledDatabase>(std::move(executor), clock, log, std::move(options));
}

}  // namespace auterity::data
