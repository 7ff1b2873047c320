#pragma once
// Who runs what: claims, leases, requests of people. Purpose: the part of the execution store in
// which processes compete. Invariants: two claims never give the same execution (rows are locked,
// locked ones are skipped); every claim raises the term; the state is read after the lease is held,
// so that no checkpoint that was being committed meanwhile is missed.
#include <optional>
#include <string>
#include <vector>

#include "core/clock.h"
#include "data/database.h"
#include "engine/store/execution_records.h"
#include "engine/store/execution_store.h"
#include "engine/store/payloads.h"

namespace auterity::engine {

class ExecutionClaims {
 public:
  ExecutionClaims(data::Database& database, Payloads& payloads, Clock& clock)
      : database_(database), payloads_(payloads), clock_(clock) {}

  // As in ExecutionStore.
  Async<Result<std::vector<ClaimedExecution>>> claim(std::string owner, std::size_t limit,
                                                     Duration lease);
  Async<Result<std::optional<ClaimedExecution>>> claim_one(Uuid id, std::string owner,
                                                           Duration lease);
  Async<Result<std::vector<ExecutionStore::Renewal>>> renew(
      std::vector<ExecutionStore::Lease> leases, Duration lease);
  Async<Status> release(std::vector<ExecutionStore::Lease> leases);
  Async<Result<std::optional<Time>>> next_due();
  Async<Status> request(Uuid id, ControlAction action);
  Async<Status> restart(Uuid id, std::int64_t seq, std::string state,
                        std::vector<HistoryEvent> events);

 private:
  Async<Result<data::RowsPtr>> by_index(data::Query query);
  Async<Result<std::vector<ClaimedExecution>>> with_states(data::RowsPtr rows);
  Async<Status> fill(StoredClaim& claim, std::optional<std::string> state);

  data::Database& database_;
  Payloads& payloads_;
  Clock& clock_;
};

}  // namespace auterity::engine
