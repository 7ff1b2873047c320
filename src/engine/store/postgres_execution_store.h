#pragma once
// The execution store on PostgreSQL (schema: migrations/0003). Purpose: the contract of
// execution_store.h with hundreds of executions a commit. Put together from parts that each do one
// thing: group_commit_writer.h (creates and saves), execution_claims.h (leases, requests),
// execution_reads.h (views, lists, history), payloads.h (large values), partitions.h (where rows
// go).
#include "core/clock.h"
#include "core/log.h"
#include "core/metrics.h"
#include "data/database.h"
#include "data/object_store.h"
#include "engine/store/execution_claims.h"
#include "engine/store/execution_reads.h"
#include "engine/store/execution_store.h"
#include "engine/store/group_commit_writer.h"
#include "engine/store/partitions.h"
#include "engine/store/payloads.h"

namespace auterity::engine {

struct ExecutionStoreOptions {
  WriterOptions writer;
  PartitionOptions partitions;
  Duration idempotency_window = std::chrono::hours(24);
  // Of a lease that begins with a save: an execution that was put to sleep and whose worker goes on
  // with it after all.
  Duration lease = std::chrono::seconds(15);
};

class PostgresExecutionStore final : public ExecutionStore {
 public:
  PostgresExecutionStore(Executor executor, data::Database& database, data::ObjectStore& objects,
                         Clock& clock, Log& log, Metrics& metrics, ExecutionStoreOptions options);

  Async<Result<Created>> create(const NewExecution& execution,
                                const std::optional<Checkpoint>& first, std::string owner,
                                std::optional<Duration> lease) override;
  Async<Status> save(const Checkpoint& checkpoint) override;
  Async<Result<std::vector<ClaimedExecution>>> claim(std::string owner, std::size_t limit,
                                                     Duration lease) override;
  Async<Result<std::optional<ClaimedExecution>>> claim_one(Uuid id, std::string owner,
                                                           Duration lease) override;
  Async<Result<std::vector<Renewal>>> renew(std::vector<Lease> leases, Duration lease) override;
  Async<Status> release(std::vector<Lease> leases) override;
  Async<Result<std::optional<Time>>> next_due() override;
  Async<Status> request(Uuid id, ControlAction action) override;
  Async<Status> restart(Uuid id, std::int64_t seq, std::string state,
                        std::vector<HistoryEvent> events) override;
  Async<Result<ExecutionView>> find(Uuid id) override;
  Async<Result<std::vector<ExecutionView>>> list(ExecutionFilter filter) override;
  Async<Result<std::vector<HistoryEvent>>> history(Uuid id, std::int64_t after,
                                                   std::size_t limit) override;
  Async<Result<ClaimedExecution>> inspect(Uuid id) override;

  // The duty of partitions.h; to be run at start and then every hour or so.
  Partitions& partitions() { return partitions_; }
  // Completes when every write that was asked for has been answered. To be awaited before this
  // object goes.
  Async<void> close();

 private:
  template <typename AnyWrite>
  Async<Status> keep_payloads(AnyWrite& write);

  Clock& clock_;
  ExecutionStoreOptions options_;
  Payloads payloads_;
  Partitions partitions_;
  GroupCommitWriter writer_;
  ExecutionClaims claims_;
  ExecutionReads reads_;
};

}  // namespace auterity::engine
