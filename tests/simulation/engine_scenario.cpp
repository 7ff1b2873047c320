#include "engine_scenario.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <map>

namespace auterity::simulation {

using namespace engine;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

EngineScenario::EngineScenario(ScenarioOptions options)
    : options_(std::move(options)),
      faults_(options_.seed),
      checker_([this](std::string what) { violation(std::move(what)); }),
      deliveries_(loop_.get_executor(), "deliveries",
                  [this](std::string_view, std::exception_ptr) { violation("a delivery threw"); }),
      line_{.store = store_,
            .checker = checker_,
            .clock = clock_,
            .deliveries = deliveries_,
            .faults = faults_,
            .sabotage = options_.sabotage},
      network_(clock_, deliveries_, faults_, loop_.get_executor()),
      hub_(loop_.get_executor(), faults_) {
  sink_.lifecycle = false;
  network_.on_send([this](const std::string& key) { check_wanted(key); });
  for (const WorkflowKind& kind : workflow_kinds())
    workflow_ids_.push_back(workflows_.add(definition_of(kind)));
}

void EngineScenario::trace(const std::string& line) {
  if (options_.trace)
    options_.trace(fmt::format("{:>12.3f}s  {}",
                               std::chrono::duration<double>(clock_.monotonic()).count(), line));
}

void EngineScenario::violation(std::string what) {
  trace("VIOLATION: " + what);
  outcome_.violations.push_back(std::move(what));
}

SimulatedWorker* EngineScenario::any_worker() {
  std::vector<SimulatedWorker*> serving;
  for (const WorkerPtr& worker : workers_)
    if (!worker->is_stopping()) serving.push_back(worker.get());
  return serving.empty() ? nullptr : serving[faults_.below(serving.size())];
}

EngineScenario::Known* EngineScenario::find_known(const Uuid& id) {
  const auto found = std::ranges::find(known_, id, &Known::id);
  return found == known_.end() ? nullptr : &*found;
}

// ---- the story ----

void EngineScenario::start_worker() {
  WorkerSurroundings world{.loop = loop_,
                           .clock = clock_,
                           .faults = faults_,
                           .line = line_,
                           .network = network_,
                           .workflows = workflows_,
                           .secrets = secrets_,
                           .sink = sink_,
                           .hub = hub_,
                           .log = log_,
                           .metrics = *metrics_};
  const std::string owner = fmt::format("worker-{}", ++incarnations_);
  trace(owner + " starts");
  workers_.push_back(std::make_unique<SimulatedWorker>(
      world, owner, options_.seed * 1000 + static_cast<std::uint64_t>(incarnations_)));
}

Async<void> EngineScenario::client_start(SimulatedWorker& worker, const WorkflowKind& kind,
                                         Uuid workflow, std::string key) {
  StartRequest request;
  request.workflow_id = workflow;
  request.definition = *co_await workflows_.definition(workflow);
  request.input = JsonObject{{"n", 1}, {"items", JsonArray{1, 2, 3}}};
  if (!key.empty()) request.idempotency_key = std::move(key);
  const auto created = co_await worker.engine().start(std::move(request));
  if (!created) {
    trace(fmt::format("{} could not start {}: {}", worker.owner(), kind.name,
                      created.error().message));
    co_return;
  }
  trace(fmt::format("{} has started {} as {}{}", worker.owner(), kind.name, to_text(created->id),
                    created->existing ? ", which was there" : ""));
  if (find_known(created->id) == nullptr) known_.push_back({created->id, &kind});
}

void EngineScenario::start_execution() {
  SimulatedWorker* worker = any_worker();
  if (worker == nullptr) return;
  const std::size_t choice = faults_.below(workflow_kinds().size());
  // Few keys, so that some meet.
  std::string key = faults_.chance(300) ? fmt::format("key-{}", faults_.below(3)) : "";
  ++outcome_.started;
  worker->serve("start", client_start(*worker, workflow_kinds()[choice], workflow_ids_[choice],
                                      std::move(key)));
}

Async<void> EngineScenario::client_control(SimulatedWorker& worker, Uuid id, ControlAction action) {
  // Whatever the answer is, the request may have been carried out.
  Known* before = find_known(id);
  if (action == ControlAction::cancel) before->cancelled = true;
  const bool alone = before->requests++ == 0;
  before->last_wish.reset();
  const Status done = co_await worker.engine().request(id, action);
  Known* after = find_known(id);
  if (--after->requests == 0 && alone && done) after->last_wish = action;
  if (!done && done.error().kind != ErrorKind::conflict) after->uncertain = true;
  trace(fmt::format("{} of {}: {}", to_text(action), to_text(id),
                    done ? "accepted" : done.error().message));
}

Async<void> EngineScenario::client_restart(SimulatedWorker& worker, Uuid id) {
  find_known(id)->restarted = true;
  find_known(id)->uncertain = true;
  const Status done = co_await worker.engine().restart(id, "");
  trace(fmt::format("restart of {}: {}", to_text(id), done ? "accepted" : done.error().message));
}

void EngineScenario::control_one() {
  SimulatedWorker* worker = any_worker();
  if (worker == nullptr || known_.empty()) return;
  const Uuid id = known_[faults_.below(known_.size())].id;
  const std::uint64_t choice = faults_.below(10);
  if (choice < 2)
    worker->serve("cancel", client_control(*worker, id, ControlAction::cancel));
  else if (choice < 5)
    worker->serve("suspend", client_control(*worker, id, ControlAction::suspend));
  else if (choice < 8)
    worker->serve("resume", client_control(*worker, id, ControlAction::resume));
  else
    worker->serve("restart", client_restart(*worker, id));
}

Async<void> EngineScenario::crash_one() {
  SimulatedWorker* chosen = any_worker();
  if (chosen == nullptr) co_return;
  ++outcome_.crashes;
  trace(chosen->owner() + " crashes");
  co_await chosen->crash();
  std::erase_if(workers_, [&](const WorkerPtr& worker) { return worker.get() == chosen; });
}

Async<void> EngineScenario::drain_one() {
  SimulatedWorker* chosen = any_worker();
  if (chosen == nullptr) co_return;
  trace(chosen->owner() + " drains");
  co_await chosen->drain();
  trace(chosen->owner() + " has drained");
  std::erase_if(workers_, [&](const WorkerPtr& worker) { return worker.get() == chosen; });
}

Async<void> EngineScenario::outage() {
  if (line_.away) co_return;
  trace("the store goes away");
  line_.away = true;
  co_await clock_.sleep(faults_.between(milliseconds(100), seconds(20)));
  line_.away = false;
  trace("the store is back");
}

Async<void> EngineScenario::act() {
  const std::uint64_t choice = faults_.below(100);
  if (choice < 50) {
    for (std::uint64_t burst = 1 + faults_.below(4); burst > 0; --burst) start_execution();
  } else if (choice < 65) {
    control_one();
  } else if (choice < 78) {
    co_await crash_one();
  } else if (choice < 84) {
    deliveries_.spawn("drain", drain_one());
  } else if (choice < 88) {
    deliveries_.spawn("outage", outage());
  } else if (workers_.size() < 3) {
    start_worker();
  }
}

Async<void> EngineScenario::story() {
  start_worker();
  const std::uint64_t acts = 30 + faults_.below(40);
  for (std::uint64_t i = 0; i < acts; ++i) {
    co_await clock_.sleep(faults_.between(Duration::zero(), seconds(2)));
    co_await act();
  }
}

bool EngineScenario::all_ended() {
  for (const Known& known : known_) {
    const auto view = clock_.run(store_.find(known.id));
    if (!view || !is_terminal(view->status)) return false;
  }
  return true;
}

// Resumes whatever is still suspended, as an operator would.
Async<void> EngineScenario::wake_suspended() {
  const auto suspended =
      co_await store_.list({.status = ExecutionStatus::suspended, .limit = 1000});
  for (const ExecutionView& view : *suspended)
    static_cast<void>(co_await workers_.front()->engine().request(view.id, ControlAction::resume));
}

// The faults stop; one worker is there, and everything must end.
Async<void> EngineScenario::ending() {
  trace("all is calm");
  faults_.calm();
  line_.away = false;
  while (std::ranges::any_of(workers_, [](const WorkerPtr& w) { return w->is_stopping(); }))
    co_await clock_.sleep(seconds(1));
  if (workers_.empty()) start_worker();
}

ScenarioOutcome EngineScenario::run() {
  clock_.run(story());
  clock_.run(ending());
  clock_.run_for(minutes(1));
  check_resumed();
  for (int tries = 0; tries < 40 && !all_ended(); ++tries) {
    clock_.run_for(minutes(1));
    clock_.run(wake_suspended());
  }
  check_all();
  while (!workers_.empty()) clock_.run(crash_one());
  deliveries_.stop();
  clock_.run_until([this] { return deliveries_.running() == 0; });
  outcome_.checkpoints = checker_.checkpoints();
  outcome_.repetitions = checker_.repetitions();
  outcome_.requests = network_.arrivals().size();
  return outcome_;
}

// ---- the checks ----

void EngineScenario::check_all() {
  for (const Known& known : known_) check(known);
}

// Whoever was told that an execution goes on finds it going on.
void EngineScenario::check_resumed() {
  for (const Known& known : known_) {
    if (known.requests > 0 || known.uncertain || known.last_wish != ControlAction::resume) continue;
    const auto view = clock_.run(store_.find(known.id));
    if (view && view->status == ExecutionStatus::suspended)
      violation(
          fmt::format("{} {} was resumed and is suspended", known.kind->name, to_text(known.id)));
  }
}

void EngineScenario::check(const Known& known) {
  const auto view = clock_.run(store_.find(known.id));
  const std::string name = fmt::format("{} {}", known.kind->name, to_text(known.id));
  if (!view) return violation(name + " was acknowledged and is lost");
  if (!is_terminal(view->status))
    return violation(fmt::format("{} has not ended: {}, waiting for {}", name,
                                 to_text(view->status), to_text(view->wake)));
  if (view->status == ExecutionStatus::cancelled && !known.cancelled)
    violation(name + " is cancelled, and nobody asked for that");
  if (view->status == ExecutionStatus::faulted && known.kind->completes_always)
    violation(name + " has faulted: " + auterity::to_text(view->error));
  check_history(known, *view);
  if (view->status != ExecutionStatus::completed) return;
  if (!known.kind->output.empty() && view->output != *parse_json(known.kind->output))
    violation(name + " has the output " + auterity::to_text(view->output));
  check_effects(known);
}

void EngineScenario::check_history(const Known& known, const ExecutionView& view) {
  const auto events = clock_.run(store_.history(known.id, 0, 1'000'000));
  std::int64_t number = 0;
  std::size_t ends = 0;
  std::map<std::string, int> completed;
  for (const HistoryEvent& event : *events) {
    if (event.number != ++number)
      violation(fmt::format("{}: event {} stands where {} should", to_text(known.id), event.number,
                            number));
    if (event.type == "workflow.restarted") completed.clear();
    if (event.type == "task.completed") ++completed[event.task];
    ends += event.type == "workflow.completed" || event.type == "workflow.faulted" ||
            event.type == "workflow.cancelled";
  }
  if (ends == 0 || (ends > 1 && !known.restarted))
    violation(fmt::format("{}: its history ends {} times", to_text(known.id), ends));
  if (events->empty() || events->back().type != fmt::format("workflow.{}", to_text(view.status)))
    violation(fmt::format("{}: its history does not end with its status {}", to_text(known.id),
                          to_text(view.status)));
  const bool repeats =
      known.kind->name == "loop" || known.kind->name == "retry" || known.kind->name == "pure";
  for (const auto& [task, times] : completed)
    if (times > 1 && !repeats)
      violation(fmt::format("{}: {} completed {} times", to_text(known.id), task, times));
}

// An effect starts only when the state that wants it is durable, and not after another worker has
// gone on.
void EngineScenario::check_wanted(const std::string& key) {
  const std::size_t first = key.find(':');
  const std::size_t second = key.find(':', first + 1);
  checker_.performed(*parse_uuid(key.substr(0, first)),
                     std::string_view(key).substr(first + 1, second - first - 1));
}

// How often the call to this path has completed; each time is an activation of its own.
std::size_t EngineScenario::completions(const Uuid& id, std::string_view path) {
  const auto events = clock_.run(store_.history(id, 0, 1'000'000));
  return static_cast<std::size_t>(std::ranges::count_if(*events, [&](const HistoryEvent& event) {
    return event.type == "task.completed" && event.task.ends_with(path);
  }));
}

// Every step of a completed execution reached the world, under one key however often it was
// repeated.
void EngineScenario::check_effects(const Known& known) {
  std::map<std::string_view, std::set<std::string>> keys;
  const std::string prefix = to_text(known.id) + ":";
  for (const harness::Arrival& arrival : network_.arrivals())
    if (arrival.key.starts_with(prefix)) keys[arrival.path].insert(arrival.key);
  for (const std::string_view path : known.kind->effects) {
    const std::size_t count = keys[path].size();
    if (count == 0)
      violation(fmt::format("{} {}: completed, and {} was never requested", known.kind->name,
                            to_text(known.id), path));
    if (count < completions(known.id, path))
      violation(fmt::format("{} {}: {} completed more often than it has keys", known.kind->name,
                            to_text(known.id), path));
    if (count > 1 && known.kind->one_key_a_path && !known.restarted)
      violation(fmt::format("{} {}: {} was requested under {} keys", known.kind->name,
                            to_text(known.id), path, count));
  }
}

}  // namespace auterity::simulation
