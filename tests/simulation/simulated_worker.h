#pragma once
// One process of the platform in the simulation: an engine behind a bad line to the store, a clock
// that is a little wrong, a bus that loses notices. It can be killed at any instant and started
// again as another incarnation.
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/task_group.h"
#include "engine/executor/engine.h"
#include "harness/engine_world.h"
#include "harness/fault_plan.h"
#include "harness/faulty_store.h"
#include "harness/simulated_network.h"

namespace auterity::simulation {

// The simulated clock, with a wall clock that is off by a constant.
class SkewedClock final : public Clock {
 public:
  SkewedClock(Clock& true_clock, Duration skew) : true_clock_(true_clock), skew_(skew) {}
  Time now() const override { return true_clock_.now() + skew_; }
  Duration monotonic() const override { return true_clock_.monotonic(); }
  Async<void> sleep(Duration duration) override { return true_clock_.sleep(duration); }

 private:
  Clock& true_clock_;
  Duration skew_;
};

// Where the workers' wake-ups meet. Some are lost.
class WorkerBus;
class NoticeHub {
 public:
  NoticeHub(Executor executor, harness::FaultPlan& faults)
      : executor_(std::move(executor)), faults_(faults) {}
  void join(std::weak_ptr<WorkerBus> bus) { buses_.push_back(std::move(bus)); }
  // Calls `act` on every bus that lives and that the notice reaches, from the event loop.
  void spread(const std::function<void(WorkerBus&)>& act);

 private:
  Executor executor_;
  harness::FaultPlan& faults_;
  std::vector<std::weak_ptr<WorkerBus>> buses_;
};

class WorkerBus final : public engine::WakeBus {
 public:
  explicit WorkerBus(NoticeHub& hub) : hub_(hub) {}
  void notify_ready() override;
  void notify_changed(Uuid execution) override;
  void on_ready(std::function<void()> handler) override { ready_ = std::move(handler); }
  void on_changed(std::function<void(Uuid)> handler) override { changed_ = std::move(handler); }

 private:
  NoticeHub& hub_;
  std::function<void()> ready_;
  std::function<void(Uuid)> changed_;
};

// What the workers of one world share.
struct WorkerSurroundings {
  boost::asio::io_context& loop;
  harness::SimulatedClock& clock;
  harness::FaultPlan& faults;
  harness::StoreLine& line;
  harness::SimulatedNetwork& network;
  harness::MemoryWorkflows& workflows;
  harness::MemorySecrets& secrets;
  harness::RecordingSink& sink;
  NoticeHub& hub;
  Log& log;
  Metrics& metrics;
};

class SimulatedWorker {
 public:
  SimulatedWorker(WorkerSurroundings& world, std::string owner, std::uint64_t seed);

  engine::Engine& engine() { return *engine_; }
  const std::string& owner() const { return owner_; }
  // Runs `work` as long as this worker lives: what a client of it waits for.
  bool serve(std::string what, Async<void> work) {
    return tasks_.spawn(std::move(what), std::move(work));
  }
  bool is_stopping() const { return stopping_; }

  // Dies at once: nothing it does from now on leaves it.
  Async<void> crash();
  // Ends as a deploy ends it.
  Async<void> drain();

 private:
  Async<void> end_tasks();

  std::string owner_;
  harness::FaultyStore store_;
  SkewedClock clock_;
  SeededRandom random_;
  std::unique_ptr<engine::EffectPerformer> effects_;
  std::unique_ptr<engine::Evaluator> evaluator_;
  std::shared_ptr<WorkerBus> bus_;
  TaskGroup tasks_;
  std::unique_ptr<engine::Engine> engine_;
  bool stopping_ = false;
};

}  // namespace auterity::simulation
