#include "simulated_worker.h"

#include <boost/asio/post.hpp>

#include "engine/tasks/http_call.h"

namespace auterity::simulation {

using namespace engine;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

std::unique_ptr<EffectPerformer> make_effects(WorkerSurroundings& world) {
  std::map<EffectKind, std::unique_ptr<EffectPerformer>> performers;
  performers[EffectKind::call_http] = make_http_call_performer(world.network);
  performers[EffectKind::emit] = make_emit_performer(world.sink);
  return std::make_unique<EffectRouter>(std::move(performers));
}

}  // namespace

void NoticeHub::spread(const std::function<void(WorkerBus&)>& act) {
  std::erase_if(buses_, [](const std::weak_ptr<WorkerBus>& bus) { return bus.expired(); });
  for (const std::weak_ptr<WorkerBus>& bus : buses_) {
    if (faults_.loses_notice()) continue;
    boost::asio::post(executor_, [bus, act] {
      if (const auto alive = bus.lock()) act(*alive);
    });
  }
}

void WorkerBus::notify_ready() {
  hub_.spread([](WorkerBus& bus) {
    if (bus.ready_) bus.ready_();
  });
}

void WorkerBus::notify_changed(Uuid execution) {
  hub_.spread([execution](WorkerBus& bus) {
    if (bus.changed_) bus.changed_(execution);
  });
}

SimulatedWorker::SimulatedWorker(WorkerSurroundings& world, std::string owner, std::uint64_t seed)
    : owner_(std::move(owner)),
      store_(world.line, world.loop.get_executor(), owner_),
      clock_(world.clock, world.faults.between(milliseconds(-200), milliseconds(200))),
      random_(seed),
      effects_(make_effects(world)),
      evaluator_(make_native_evaluator()),
      bus_(std::make_shared<WorkerBus>(world.hub)),
      tasks_(world.loop.get_executor(), owner_, [](std::string_view, std::exception_ptr) {}) {
  world.hub.join(bus_);
  EngineOptions options;
  options.owner = owner_;
  options.max_in_place = 4 + world.faults.below(20);
  options.runtime_version = "0";
  EngineServices services{.executor = world.loop.get_executor(),
                          .clock = clock_,
                          .random = random_,
                          .log = world.log,
                          .metrics = world.metrics,
                          .effects = *effects_,
                          .evaluator = *evaluator_,
                          .executions = store_,
                          .workflows = world.workflows,
                          .secrets = world.secrets,
                          .bus = *bus_,
                          .events = world.sink};
  engine_ = make_engine(services, std::move(options));
  tasks_.spawn("engine", engine_->run());
}

Async<void> SimulatedWorker::end_tasks() {
  tasks_.stop();
  co_await tasks_.join();
}

Async<void> SimulatedWorker::crash() {
  stopping_ = true;
  store_.cut();
  co_await engine_->drain(Duration::zero());
  co_await end_tasks();
}

Async<void> SimulatedWorker::drain() {
  stopping_ = true;
  co_await engine_->drain(seconds(10));
  co_await end_tasks();
}

}  // namespace auterity::simulation
