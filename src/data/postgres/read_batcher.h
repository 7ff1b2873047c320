#pragma once
// Reads of many callers over few connections. While a connection is idle or may still be made, a
// read has one alone. Once all are in use, reads that would wait for one wait together, and the
// next connection that is free takes many of them in one round trip (64 callers on 4 connections:
// two to three times the reads a second). So load makes batches larger, and an idle system does not
// wait. Statements that change nothing only: those of a batch share a transaction, and what a
// broken connection took along is read again, once. A batch that no caller wants any more is given
// up.
#include <deque>
#include <memory>
#include <vector>

#include "core/log.h"
#include "core/task_group.h"
#include "data/completion.h"
#include "data/database.h"
#include "data/postgres/pool.h"

namespace auterity::data {

class ReadBatcher {
 public:
  ReadBatcher(Executor executor, Log& log, Pool& pool);
  Async<Result<RowsPtr>> read(Query query);
  // Completes when no batch is under way; the pool has been closed before.
  Async<void> join() { return carriers_.join(); }

 private:
  struct Passenger;
  struct Batch;
  using PassengerPtr = std::shared_ptr<Passenger>;

  Async<Result<RowsPtr>> wait_for_carrier(Query query, bool repeated);
  void call_carrier();
  // Takes waiting reads along on the next connection that is free.
  Async<void> carry();
  std::vector<PassengerPtr> board(std::size_t limit);
  // A caller went away: nobody may be left who wants the batch that is under way.
  void leave(Passenger& passenger);
  // Hands out what came back; what may be read again waits again, in front.
  void deliver(const std::vector<PassengerPtr>& passengers, BatchOutcome outcome,
               const Connection& connection);

  Executor executor_;
  Pool& pool_;
  std::deque<PassengerPtr> waiting_;
  bool carrier_called_ = false;  // one waits in the pool's queue
  TaskGroup carriers_;
};

}  // namespace auterity::data
