#pragma once
// Group commit. Purpose: hundreds of executions durable with one commit. All writes of this process
// that wait at one moment go into one transaction of multi-row statements, in one round trip; while
// it commits, the next batch gathers, so that load makes batches larger, and an idle system commits
// the first write at once.
//
// Invariants:
//  - a write is answered success only after its commit was acknowledged, or was found in the
//  database;
//  - one write's failure is its own: a batch that fails on a bad row is cut in halves until the row
//  is alone, and a save that lost its
//    lease changes nothing for the others;
//  - an outcome that is unknown (the connection was lost after sending, the server restarted) is
//  never guessed: every write is idempotent
//    (a create by its id, a save by term and seq), so the batch is sent again in a form that looks
//    first, until the server answers or `retry_for` has passed; then `unavailable`, and the write
//    may or may not be there;
//  - writes of one execution keep their order.
// Not here: how rows look (write_statements.h), payloads by reference (payloads.h).
#include <memory>
#include <span>
#include <vector>

#include "core/async.h"
#include "core/clock.h"
#include "core/error.h"
#include "core/log.h"
#include "core/metrics.h"
#include "core/task_group.h"
#include "data/database.h"
#include "engine/store/write_batch.h"

namespace auterity::engine {

struct WriterOptions {
  BatchLimits limits;
  // Commits under way at one time. Another one starts beside them only for at least `min_extra`
  // waiting writes, so that a lightly loaded system does not fall apart into single commits.
  std::size_t max_in_flight = 2;
  std::size_t min_extra = 32;
  // How long an unknown outcome or an absent server is ridden out before the callers are told.
  Duration retry_for = std::chrono::seconds(15);
  Duration first_pause = std::chrono::milliseconds(20);  // doubles up to `longest_pause`
  Duration longest_pause = std::chrono::seconds(1);
};

class GroupCommitWriter {
 public:
  GroupCommitWriter(Executor executor, data::Database& database, Clock& clock, Log& log,
                    Metrics& metrics, WriterOptions options);
  ~GroupCommitWriter();

  // Answers once the write is durable or has failed by itself. Cancelling the caller does not take
  // a write back: the answer is waited for.
  Async<Result<Written>> write(Write write);
  // Completes when nothing waits and nothing is being committed.
  Async<void> idle();

 private:
  struct Pending;
  using Batch = std::vector<std::unique_ptr<Pending>>;
  using Part = std::span<const std::unique_ptr<Pending>>;
  struct Instruments;

  void wake();
  Async<void> gather();
  void start_commits();
  Async<void> commit(Batch batch);
  Async<void> commit_part(Part part, bool repeat);
  Async<Status> attempt(Part part, bool repeat);
  Async<Status> settle_saves(std::vector<Pending*> saves);
  void answer(Batch batch);

  Executor executor_;
  data::Database& database_;
  Clock& clock_;
  Log& log_;
  WriterOptions options_;
  std::unique_ptr<Instruments> instruments_;
  WriteQueue<std::unique_ptr<Pending>> queue_;
  std::size_t in_flight_ = 0;
  bool woken_ = false;
  TaskGroup commits_;
};

}  // namespace auterity::engine
