#pragma once
// One libpq connection in pipeline mode on the event loop, used by one caller at a time. A batch of
// statements is sent as a whole, ended by one sync, and its results are read together: one round
// trip. Statements are prepared under their name on first use, within the same round trip. A batch
// that is abandoned half-way (cancelled, timed out, connection lost) leaves the connection
// unusable(); its owner drops it, and the server ends the statement by itself
// (connect_parameters.cpp).
#include <boost/asio/posix/stream_descriptor.hpp>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/async.h"
#include "core/error.h"
#include "core/log.h"
#include "data/database.h"
#include "data/postgres/connect_parameters.h"

struct pg_conn;
struct pg_result;

namespace auterity::data {

// What came back of a batch: the rows of its first statements and, when one failed, the error of
// the statement after those.
struct BatchOutcome {
  std::vector<RowsPtr> rows;
  std::optional<Error> error;

  // All rows, or the error.
  Result<std::vector<RowsPtr>> whole() &&;
};

class Connection {
 public:
  // Ready for use, or `unavailable`. No deadline of its own; `log` receives the server's notices at
  // debug.
  static Async<Result<std::unique_ptr<Connection>>> open(Executor executor, Log& log,
                                                         ConnectParameters parameters);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection();

  // Outside BEGIN … COMMIT the batch is one implicit transaction.
  Async<BatchOutcome> run(std::span<const Query> batch);
  // invalid_input when a parameter cannot be sent.
  static Status check(const Query& query);
  // Several statements as free text, outside pipeline mode.
  Async<Status> run_script(std::string sql);

  // Takes in what arrived while nobody used the connection and tells whether the server still holds
  // its end.
  bool alive();
  // Nothing half-done, no open transaction, nothing stale: fit for the next caller.
  bool reusable() const;
  // The next batch can be sent; a transaction may be open.
  bool usable() const { return !in_batch_ && !lost_ && !gave_up_; }
  // A statement of the open transaction failed, so that it can only be rolled back.
  bool in_failed_transaction() const;
  // The connection broke during the last batch: whether its statements were done is unknown.
  bool lost() const { return lost_; }
  // The last batch failed on an outdated prepared statement, and did nothing.
  bool stale() const { return stale_; }

  // Used by the pool's watch: a batch that runs at `deadline` (monotonic) is ended by give_up()
  // with `timeout`.
  void set_deadline(std::optional<Duration> deadline) { deadline_ = deadline; }
  std::optional<Duration> deadline() const { return deadline_; }
  void give_up();

 private:
  struct Step;
  Connection(Executor executor, Log& log, pg_conn* handle);

  static Async<Status> resolve_host(ConnectParameters& parameters);
  Async<Status> finish_connecting();
  Async<void> wait_for_socket(bool readable);
  Status send(std::span<const Query> batch, std::deque<Step>& steps);
  Status send_statement(const Query& query, std::deque<Step>& steps);
  // Answers whether that was the last result of the batch.
  bool take(pg_result* result, std::deque<Step>& steps, BatchOutcome& outcome);
  // Sends what is queued and waits until a result can be fetched without blocking.
  Async<Status> until_result();
  Async<Status> wait_for_traffic(bool writable);
  Error connection_lost();

  pg_conn* handle_;
  boost::asio::posix::stream_descriptor socket_;
  std::unordered_map<std::string, std::string_view> prepared_;  // name to text
  std::optional<Duration> deadline_;
  bool in_batch_ = false;
  bool lost_ = false;
  bool stale_ = false;
  bool gave_up_ = false;
};

}  // namespace auterity::data
