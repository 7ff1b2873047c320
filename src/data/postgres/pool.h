#pragma once
// Connections shared by the callers of one event loop. Idle ones are handed out last in, first out;
// when none is left, callers queue and new ones are made up to the limit. Connections that broke
// are dropped and replaced with back-off and jitter. While the server is away, callers wait up to
// their acquire deadline, so that a restart is ridden out; once it has been away for longer than
// that, they are refused at once. A watch ends batches whose deadline passed (a server that hangs,
// a network that swallows).
#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "core/clock.h"
#include "core/log.h"
#include "core/task_group.h"
#include "data/back_off.h"
#include "data/completion.h"
#include "data/database.h"
#include "data/postgres/connection.h"

namespace auterity::data {

class Pool;

// A connection in a caller's hands; goes back by itself, or is dropped when it is not fit for the
// next caller.
class Lease {
 public:
  Lease() = default;
  Lease(Pool& pool, std::unique_ptr<Connection> connection)
      : pool_(&pool), connection_(std::move(connection)) {}
  Lease(Lease&&) noexcept = default;
  Lease& operator=(Lease&& other) noexcept;
  ~Lease();
  // The batch that is about to run must end within the statement timeout and a grace.
  Async<BatchOutcome> run(std::span<const Query> batch);
  Connection& operator*() const { return *connection_; }
  Connection* operator->() const { return connection_.get(); }

 private:
  Pool* pool_ = nullptr;
  std::unique_ptr<Connection> connection_;
};

class Pool {
 public:
  Pool(Executor executor, Clock& clock, Log& log, DatabaseOptions options);

  // An idle connection without waiting.
  std::optional<Lease> try_acquire();
  Async<Result<Lease>> acquire();
  // One more caller would get a connection of its own.
  bool can_grow() const;
  // A connection of the caller's own, outside the pool and its limit.
  Async<Result<std::unique_ptr<Connection>>> connect();
  Database::PoolState state() const;
  Async<void> close();

 private:
  friend class Lease;
  struct Waiter;

  Async<Result<Lease>> wait_for_turn(std::shared_ptr<Waiter> waiter);
  void give_back(std::unique_ptr<Connection> connection);
  // To the longest waiting caller, else among the idle.
  void hand_over(std::unique_ptr<Connection> connection);
  Lease lend(std::unique_ptr<Connection> connection);
  void connect_for_waiters();
  Async<void> keep_connecting();
  // Answers how long to wait before the next attempt.
  Duration connecting_failed(const Error& error);
  void connecting_succeeded();
  Async<void> watch();
  Error no_connection() const;

  Executor executor_;
  Clock& clock_;
  Log& log_;
  DatabaseOptions options_;
  Result<ConnectParameters> parameters_;
  std::vector<std::unique_ptr<Connection>> idle_;
  std::vector<Connection*> busy_;
  std::deque<std::shared_ptr<Waiter>> waiters_;
  std::size_t connecting_ = 0;
  BackOff back_off_;
  std::optional<Duration> away_since_;  // monotonic; set while connecting fails
  std::optional<Error> last_error_;
  bool watching_ = false;
  bool closed_ = false;
  Completion all_returned_;
  TaskGroup background_;
};

}  // namespace auterity::data
