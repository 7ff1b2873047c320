#pragma once
// A store behind a bad line: requests and answers take time, get lost, arrive after their sender
// has died. One object is one process's connection; a real store stands behind it, and a checker
// sees what that store has really done.
#include <functional>
#include <memory>
#include <string>

#include "core/task_group.h"
#include "engine/executor/signal.h"
#include "engine/store/execution_store.h"
#include "harness/execution_checker.h"
#include "harness/fault_plan.h"
#include "harness/simulated_clock.h"

namespace auterity::harness {

// Ways to break the store on purpose, to see that the checks find it.
enum class Sabotage {
  none,
  ignore_term,    // a save of any term is taken for the current one
  save_twice,     // a checkpoint is applied again under the next number
  forget_start,   // a creation is answered without having been done
  forget_resume,  // a resume is answered without having been done
};

// What all connections of a world share.
struct StoreLine {
  engine::ExecutionStore& store;
  ExecutionChecker& checker;
  SimulatedClock& clock;
  TaskGroup& deliveries;  // outlives every connection
  FaultPlan& faults;
  Sabotage sabotage = Sabotage::none;
  bool away = false;  // the store answers nobody
};

class FaultyStore final : public engine::ExecutionStore {
 public:
  FaultyStore(StoreLine& line, Executor executor, std::string owner)
      : line_(line), executor_(std::move(executor)), owner_(std::move(owner)) {}

  // The process has died: what it has sent may still arrive, and nothing comes back.
  void cut() { cut_ = true; }

  Async<Result<engine::Created>> create(const engine::NewExecution& execution,
                                        const std::optional<engine::Checkpoint>& first,
                                        std::string owner, std::optional<Duration> lease) override;
  Async<Status> save(const engine::Checkpoint& checkpoint) override;
  Async<Result<std::vector<engine::ClaimedExecution>>> claim(std::string owner, std::size_t limit,
                                                             Duration lease) override;
  Async<Result<std::optional<engine::ClaimedExecution>>> claim_one(Uuid id, std::string owner,
                                                                   Duration lease) override;
  Async<Result<std::vector<Renewal>>> renew(std::vector<Lease> leases, Duration lease) override;
  Async<Status> release(std::vector<Lease> leases) override;
  Async<Result<std::optional<Time>>> next_due() override;
  Async<Status> request(Uuid id, engine::ControlAction action) override;
  Async<Status> restart(Uuid id, std::int64_t seq, std::string state,
                        std::vector<engine::HistoryEvent> events) override;
  Async<Result<engine::ExecutionView>> find(Uuid id) override;
  Async<Result<std::vector<engine::ExecutionView>>> list(engine::ExecutionFilter filter) override;
  Async<Result<std::vector<engine::HistoryEvent>>> history(Uuid id, std::int64_t after,
                                                           std::size_t limit) override;
  Async<Result<engine::ClaimedExecution>> inspect(Uuid id) override;

 private:
  template <typename Answer>
  using Operation = std::function<Async<Answer>()>;

  template <typename Answer>
  Async<Answer> carry(Operation<Answer> operation);

  StoreLine& line_;
  Executor executor_;
  std::string owner_;
  bool cut_ = false;
};

}  // namespace auterity::harness
