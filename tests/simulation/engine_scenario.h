#pragma once
// One seed's story: executions are started, cancelled, suspended and restarted through workers that
// crash, drain and come back, over a store and a network that lose, delay and repeat. Then all
// faults stop, and everything must end well.
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "simulated_worker.h"
#include "workflow_kinds.h"

namespace auterity::simulation {

struct ScenarioOptions {
  std::uint64_t seed = 1;
  harness::Sabotage sabotage = harness::Sabotage::none;
  std::function<void(const std::string& line)> trace;  // empty: none
};

struct ScenarioOutcome {
  std::vector<std::string> violations;
  std::uint64_t started = 0, crashes = 0, checkpoints = 0, repetitions = 0, requests = 0;
};

class EngineScenario {
 public:
  explicit EngineScenario(ScenarioOptions options);
  ScenarioOutcome run();

 private:
  // An execution whose start was acknowledged.
  struct Known {
    Uuid id;
    const WorkflowKind* kind = nullptr;
    bool cancelled = false;  // somebody asked for it
    bool restarted = false;
    int requests = 0;        // under way
    bool uncertain = false;  // a request without an answer may still arrive at the store
    // The last request that was answered with yes while no other was under way.
    std::optional<engine::ControlAction> last_wish = std::nullopt;
  };
  using WorkerPtr = std::unique_ptr<SimulatedWorker>;

  // ---- the story ----
  Async<void> story();
  Async<void> act();
  Async<void> crash_one();
  Async<void> drain_one();
  Async<void> outage();
  Async<void> wake_suspended();
  void start_worker();
  void start_execution();
  void control_one();
  Async<void> client_start(SimulatedWorker& worker, const WorkflowKind& kind, Uuid workflow,
                           std::string key);
  Async<void> client_control(SimulatedWorker& worker, Uuid id, engine::ControlAction action);
  Async<void> client_restart(SimulatedWorker& worker, Uuid id);
  Async<void> ending();
  bool all_ended();

  // ---- the checks ----
  void check_all();
  void check(const Known& known);
  void check_history(const Known& known, const engine::ExecutionView& view);
  void check_effects(const Known& known);
  void check_resumed();
  void check_wanted(const std::string& key);
  std::size_t completions(const Uuid& id, std::string_view path);

  SimulatedWorker* any_worker();
  Known* find_known(const Uuid& id);
  void trace(const std::string& line);
  void violation(std::string what);

  ScenarioOptions options_;
  harness::FaultPlan faults_;
  boost::asio::io_context loop_;
  harness::SimulatedClock clock_{loop_};
  harness::SilentLog log_;
  std::unique_ptr<Metrics> metrics_ = make_metrics();
  engine::MemoryExecutionStore store_{clock_};
  harness::MemoryWorkflows workflows_;
  harness::MemorySecrets secrets_;
  harness::RecordingSink sink_;
  harness::ExecutionChecker checker_;
  TaskGroup deliveries_;
  harness::StoreLine line_;
  harness::SimulatedNetwork network_;
  NoticeHub hub_;
  std::vector<Uuid> workflow_ids_;
  std::vector<WorkerPtr> workers_;
  std::vector<Known> known_;
  int incarnations_ = 0;
  ScenarioOutcome outcome_;
};

}  // namespace auterity::simulation
