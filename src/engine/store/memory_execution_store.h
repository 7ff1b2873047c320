#pragma once
// Executions in memory, with the contract of execution_store.h except that a crash of the process
// loses them: for `auterity run`, the simulation and tests. One event loop only.
#include <memory>

#include "core/clock.h"
#include "engine/store/execution_store.h"

namespace auterity::engine {

class MemoryExecutionStore final : public ExecutionStore {
 public:
  explicit MemoryExecutionStore(Clock& clock);
  ~MemoryExecutionStore() override;

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

 private:
  class Table;
  std::unique_ptr<Table> table_;
};

}  // namespace auterity::engine
