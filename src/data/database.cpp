#include "data/database.h"

#include <array>
#include <cassert>
#include <utility>

#include "data/postgres/pool.h"
#include "data/postgres/read_batcher.h"
#include "data/postgres/session.h"

namespace auterity::data {
namespace {

constexpr Statement kBegin{"transaction.begin", "BEGIN"};
constexpr Statement kCommit{"transaction.commit", "COMMIT"};
constexpr Statement kRollback{"transaction.rollback", "ROLLBACK"};

class PooledDatabase final : public Database {
 public:
  PooledDatabase(Executor executor, Clock& clock, Log& log, DatabaseOptions options)
      : pool_(executor, clock, log, std::move(options)), reads_(executor, log, pool_) {}

  Async<Result<RowsPtr>> query(Query query) override {
    const std::array<Query, 1> batch{std::move(query)};
    auto rows = co_await run(batch);
    if (!rows) co_return std::unexpected(std::move(rows).error());
    co_return std::move(rows->front());
  }

  Async<Result<RowsPtr>> read(Query query) override { return reads_.read(std::move(query)); }

  Async<Result<std::vector<RowsPtr>>> transact(std::vector<Query> queries) override {
    // One pipeline up to its sync is one implicit transaction: BEGIN and COMMIT would only be two
    // more statements.
    co_return co_await run(queries);
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
  Async<void> close() override {
    co_await pool_.close();
    co_await reads_.join();
  }

 private:
  // A batch that failed on a stale plan did nothing, and is sent once more on another connection.
  Async<Result<std::vector<RowsPtr>>> run(std::span<const Query> batch) {
    for (bool last_attempt = false;; last_attempt = true) {
      auto ready = pool_.try_acquire();
      Result<Lease> lease = ready ? Result<Lease>(std::move(*ready)) : co_await pool_.acquire();
      if (!lease) co_return std::unexpected(std::move(lease).error());
      auto rows = (co_await lease->run(batch)).whole();
      if (!rows && (*lease)->stale() && !last_attempt) continue;
      if (!rows && (*lease)->in_failed_transaction())
        co_await lease->run(std::array{Query{kRollback, {}}});
      co_return rows;
    }
  }

  Pool pool_;
  ReadBatcher reads_;
};

}  // namespace

std::unique_ptr<Database> open_database(Executor executor, Clock& clock, Log& log,
                                        DatabaseOptions options) {
  return std::make_unique<PooledDatabase>(std::move(executor), clock, log, std::move(options));
}

}  // namespace auterity::data
