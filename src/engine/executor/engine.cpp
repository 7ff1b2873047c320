#include "engine/executor/engine.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/this_coro.hpp>
#include <boost/json/object.hpp>

#include "core/task_group.h"
#include "engine/execution/execution_json.h"
#include "engine/execution/restart.h"
#include "engine/executor/claimer.h"
#include "engine/executor/execution_loader.h"
#include "engine/executor/lease_keeper.h"
#include "engine/executor/outcomes.h"
#include "engine/executor/residents.h"

namespace auterity::engine {
namespace asio = boost::asio;

namespace {

// Pure work done before an execution is first written. A workflow that needs no more is written
// once.
constexpr Duration kStartBudget = std::chrono::milliseconds(20);
constexpr Duration kCreateTries = std::chrono::seconds(5);
constexpr Duration kCreatePause = std::chrono::milliseconds(100);

std::string words_of(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const std::exception& exception) {
    return exception.what();
  } catch (...) {
    return "not a standard exception";
  }
}

class LocalEngine final : public Engine {
 public:
  LocalEngine(EngineServices services, EngineOptions options);

  Async<Result<Created>> start(StartRequest request) override;
  Async<Result<std::vector<Created>>> start_many(std::vector<StartRequest> requests) override;
  Async<Result<ExecutionView>> wait(Uuid id, Duration limit) override;
  Async<Status> request(Uuid id, ControlAction action) override;
  Async<Status> restart(Uuid id, std::string from) override;
  Async<void> run() override;
  Async<void> drain(Duration limit) override;
  void hand_over() override;
  std::size_t in_memory() const override { return residents_.size(); }

 private:
  using RunPtr = std::shared_ptr<ExecutionRun>;
  using Place = std::shared_ptr<Residents::Reservation>;

  NewExecution describe(const StartRequest& request, const Uuid& id) const;
  Async<Result<Created>> create(const NewExecution& execution,
                                const std::optional<Checkpoint>& first);
  // `awaited`: whether somebody will ask for its end.
  Async<Result<Created>> start_one(StartRequest request, bool awaited);
  Async<void> start_into(StartRequest request, std::optional<Result<Created>>& answer);
  void begin(const RunPtr& run, std::optional<ExecutionView> view, const Checkpoint& first);
  void adopt(ClaimedExecution claimed, Duration sent);
  Async<void> load_and_own(ClaimedExecution claimed, Duration sent, Place place);
  Async<Result<Execution>> load(ClaimedExecution claimed);
  Async<void> own(RunPtr run, std::optional<ExecutionView> view);
  void has_left(ExecutionRun& run, std::optional<ExecutionView> view);
  Async<void> abandon_all();
  void tell_changed(const Uuid& id);

  EngineServices services_;
  EngineOptions options_;
  EngineMetrics metrics_;
  SchemaCache schemas_;
  RunContext context_;
  ExecutionLoader loader_;
  Residents residents_;
  Outcomes outcomes_;
  LeaseKeeper lease_keeper_;
  Claimer claimer_;
  TaskGroup runs_;
  std::multimap<Uuid, std::int64_t> loading_;  // leases whose executions are not in memory yet
  Signal emptied_;
  Signal drained_;
  bool draining_ = false;
  bool stopped_ = false;
  bool notifying_ = false;  // a notice of our own is being given
};

LocalEngine::LocalEngine(EngineServices services, EngineOptions options)
    : services_(services),
      options_(std::move(options)),
      metrics_(services.metrics),
      context_{.services = services_,
               .options = options_,
               .metrics = metrics_,
               .schemas = schemas_,
               .saved = [this](const Uuid& id) { tell_changed(id); }},
      loader_(services.workflows, services.secrets, options_.runtime_version),
      residents_(options_.max_in_place, metrics_.in_memory),
      outcomes_(services.executor),
      lease_keeper_(services_, options_, metrics_, residents_),
      claimer_(
          services_, options_, metrics_, residents_,
          [this](ClaimedExecution claimed, Duration sent) { adopt(std::move(claimed), sent); }),
      runs_(services.executor, "executions",
            [this](std::string_view task, std::exception_ptr error) {
              services_.log.error(
                  "engine", "an execution was dropped by an exception and is claimed again later",
                  {{"task", Json(std::string(task))}, {"exception", Json(words_of(error))}});
            }),
      emptied_(services.executor),
      drained_(services.executor) {
  services_.bus.on_ready([this] { claimer_.wake(); });
  services_.bus.on_changed([this](Uuid id) {
    if (notifying_) return;
    outcomes_.notify(id);
    if (residents_.find(id)) runs_.spawn("renew", lease_keeper_.renew_soon(id));
  });
}

void LocalEngine::tell_changed(const Uuid& id) {
  notifying_ = true;
  services_.bus.notify_changed(id);
  notifying_ = false;
}

// ---- starting ----

NewExecution LocalEngine::describe(const StartRequest& request, const Uuid& id) const {
  NewExecution execution;
  execution.id = id;
  execution.workflow_id = request.workflow_id;
  execution.input = request.input;
  execution.workflow_type = workflow_type_of(*request.definition);
  execution.trigger = request.trigger;
  execution.started_by = request.started_by;
  execution.traceparent = request.traceparent;
  execution.idempotency_key = request.idempotency_key;
  execution.scheduled_for = request.scheduled_for;
  execution.created_at = services_.clock.now();
  return execution;
}

ExecutionView view_of(NewExecution execution) {
  ExecutionView view;
  view.id = execution.id;
  view.workflow_id = execution.workflow_id;
  view.input = std::move(execution.input);
  view.trigger = std::move(execution.trigger);
  view.started_by = std::move(execution.started_by);
  view.created_at = execution.created_at;
  view.started_at = execution.created_at;  // as the store says of what it was given with work done
  return view;
}

// Repeated for a while when the store does not answer: a repetition of the same creation is the
// same execution.
Async<Result<Created>> LocalEngine::create(const NewExecution& execution,
                                           const std::optional<Checkpoint>& first) {
  const std::optional<Duration> lease =
      first->wake == WakeReason::lease ? std::optional(options_.lease) : std::nullopt;
  const Duration until = services_.clock.monotonic() + kCreateTries;
  for (;;) {
    auto created = co_await services_.executions.create(execution, first, options_.owner, lease);
    if (created || !facts(created.error().kind).retryable || services_.clock.monotonic() >= until)
      co_return created;
    metrics_.store_errors.add();
    co_await services_.clock.sleep(kCreatePause);
  }
}

Async<Result<Created>> LocalEngine::start(StartRequest request) {
  return start_one(std::move(request), true);
}

Async<Result<Created>> LocalEngine::start_one(StartRequest request, bool awaited) {
  const Uuid id = make_uuid(services_.clock.now(), services_.random);
  NewExecution record = describe(request, id);
  AUTERITY_CO_TRY(surroundings, co_await loader_.surroundings(id, std::move(request.definition),
                                                              std::move(request.traceparent)));
  auto run = std::make_shared<ExecutionRun>(
      context_, make_execution(std::move(surroundings), make_value(std::move(request.input))), 0,
      0);
  co_await run->advance(Started{}, kStartBudget);
  const Residents::Reservation place(residents_);
  const std::optional<Checkpoint> first = run->first_checkpoint(place.held() && !draining_);
  const Duration sent = services_.clock.monotonic();
  AUTERITY_CO_TRY(created, co_await create(record, first));
  if (created.existing) co_return created;
  co_await run->stored(*first, trusted_until(sent, options_.lease));
  begin(run, awaited ? std::optional(view_of(std::move(record))) : std::nullopt, *first);
  co_return created;
}

// After the first write: goes on with the execution here, or tells whoever will.
void LocalEngine::begin(const RunPtr& run, std::optional<ExecutionView> view,
                        const Checkpoint& first) {
  if (is_terminal(first.status)) {
    if (!view) return;
    update_view(*view, first);
    outcomes_.remember(std::move(*view));
  } else if (first.wake == WakeReason::lease) {
    residents_.add(run);
    // Refused once the engine has been drained: the lease runs out, and another process goes on.
    if (!runs_.spawn("execution", own(run, std::move(view)))) residents_.remove(run->id());
  } else {
    if (first.wake_at) claimer_.wake_at(*first.wake_at);
    if (first.wake == WakeReason::ready) services_.bus.notify_ready();
  }
}

Async<void> LocalEngine::start_into(StartRequest request, std::optional<Result<Created>>& answer) {
  answer = co_await start_one(std::move(request), false);
}

Async<Result<std::vector<Created>>> LocalEngine::start_many(std::vector<StartRequest> requests) {
  // All at once, so that the store's group commit takes them together.
  std::vector<std::optional<Result<Created>>> answers(requests.size());
  TaskGroup starts(services_.executor, "starts", [](std::string_view, std::exception_ptr) {});
  for (std::size_t i = 0; i < requests.size(); ++i)
    starts.spawn("start", start_into(std::move(requests[i]), answers[i]));
  co_await starts.join();
  std::vector<Created> created;
  created.reserve(answers.size());
  for (auto& answer : answers) {
    if (!answer)
      co_return fail(ErrorKind::internal, "a start ended without an answer", "report this");
    if (!*answer) co_return std::unexpected(std::move(*answer).error());
    created.push_back(**answer);
  }
  co_return created;
}

// ---- owning ----

void LocalEngine::adopt(ClaimedExecution claimed, Duration sent) {
  auto place = std::make_shared<Residents::Reservation>(residents_);
  runs_.spawn("claimed execution", load_and_own(std::move(claimed), sent, std::move(place)));
}

// A state that does not fit its definition is the execution's end; trouble of the stores is not.
Async<Result<Execution>> LocalEngine::load(ClaimedExecution claimed) {
  const Uuid id = claimed.id;
  const Uuid workflow_id = claimed.workflow_id;
  const std::int64_t last_event = claimed.last_event;
  Value input = make_value(claimed.input);
  auto loaded = co_await loader_.load(std::move(claimed));
  if (loaded || loaded.error().kind != ErrorKind::invalid_input) co_return loaded;
  AUTERITY_CO_TRY(definition, co_await services_.workflows.definition(workflow_id));
  AUTERITY_CO_TRY(surroundings, co_await loader_.surroundings(id, std::move(definition), {}));
  Execution execution = make_execution(std::move(surroundings), std::move(input));
  execution.last_event = last_event;
  co_return engine::apply(
      std::move(execution),
      Event{services_.clock.now(), 0,
            Broken{make_error(StandardError::runtime, loaded.error().message, "/")}});
}

// Says for as long as it lives that a leased execution is being loaded.
class Loading {
 public:
  Loading(std::multimap<Uuid, std::int64_t>& all, const Uuid& id, std::int64_t term)
      : all_(all), entry_(all.emplace(id, term)) {}
  Loading(const Loading&) = delete;
  Loading& operator=(const Loading&) = delete;
  ~Loading() { leave(); }
  void leave() {
    if (entry_) all_.erase(*std::exchange(entry_, std::nullopt));
  }

 private:
  std::multimap<Uuid, std::int64_t>& all_;
  std::optional<std::multimap<Uuid, std::int64_t>::iterator> entry_;
};

Async<void> LocalEngine::load_and_own(ClaimedExecution claimed, Duration sent, Place place) {
  const Uuid id = claimed.id;
  const std::int64_t term = claimed.term;
  const std::int64_t seq = claimed.seq;
  const ControlAction requested = claimed.requested;
  Loading loading(loading_, id, term);
  // An older run of it may still be on its way out: its lease was lost, perhaps to this process.
  while (const auto old = residents_.find(id)) {
    old->lose();
    co_await old->left(options_.poll);
  }
  auto execution = co_await load(std::move(claimed));
  if (!execution) {
    // The lease runs out, and whoever can read it then goes on.
    services_.log.warning(
        "engine", "a claimed execution could not be loaded",
        {{"execution_id", Json(to_text(id))}, {"reason", Json(execution.error().message)}});
    co_return;
  }
  auto run = std::make_shared<ExecutionRun>(context_, std::move(*execution), term, seq);
  run->trust_until(trusted_until(sent, options_.lease));
  if (requested == ControlAction::cancel) run->post(CancelRequested{});
  if (requested == ControlAction::suspend) run->post(SuspendRequested{});
  if (requested == ControlAction::resume) run->post(ResumeRequested{});
  if (draining_) run->hand_over();
  if (!residents_.add(run)) co_return;
  place.reset();
  loading.leave();
  co_await own(std::move(run), std::nullopt);
}

Async<void> LocalEngine::own(RunPtr run, std::optional<ExecutionView> view) {
  std::exception_ptr stopped;
  try {
    co_await run->live();
  } catch (...) {
    stopped = std::current_exception();
  }
  has_left(*run, std::move(view));
  if (stopped) std::rethrow_exception(stopped);
}

void LocalEngine::has_left(ExecutionRun& run, std::optional<ExecutionView> view) {
  const Uuid id = run.id();
  residents_.remove(id);
  run.notify_left();
  if (run.end() == ExecutionRun::End::ended && view && run.last_checkpoint()) {
    update_view(*view, *run.last_checkpoint());
    outcomes_.remember(std::move(*view));
  }
  outcomes_.notify(id);
  tell_changed(id);
  if (run.end() == ExecutionRun::End::handed_over) services_.bus.notify_ready();
  claimer_.room_made();
  if (run.sleeps_until()) claimer_.wake_at(*run.sleeps_until());
  if (residents_.size() == 0) emptied_.notify();
}

// ---- asking ----

Async<Result<ExecutionView>> LocalEngine::wait(Uuid id, Duration limit) {
  const Duration until = services_.clock.monotonic() + limit;
  for (;;) {
    if (auto view = outcomes_.take(id)) co_return std::move(*view);
    const Duration left = until - services_.clock.monotonic();
    const bool resident = residents_.find(id) != nullptr;
    if (!resident || left <= Duration::zero()) {
      auto view = co_await services_.executions.find(id);
      if (left <= Duration::zero() || (view && is_terminal(view->status)) ||
          (!view && !facts(view.error().kind).retryable))
        co_return view;
    }
    co_await outcomes_.wait(id, services_.clock, resident ? left : std::min(left, options_.poll));
  }
}

Async<Status> LocalEngine::request(Uuid id, ControlAction action) {
  AUTERITY_CO_CHECK(co_await services_.executions.request(id, action));
  if (const auto run = residents_.find(id)) {
    if (action == ControlAction::cancel) run->post(CancelRequested{});
    if (action == ControlAction::suspend) run->post(SuspendRequested{});
    if (action == ControlAction::resume) run->post(ResumeRequested{});
  } else {
    claimer_.wake();
    services_.bus.notify_ready();
  }
  tell_changed(id);
  co_return Status();
}

Async<Status> LocalEngine::restart(Uuid id, std::string from) {
  AUTERITY_CO_TRY(stored, co_await services_.executions.inspect(id));
  const std::int64_t last_event = stored.last_event;
  const std::int64_t seq = stored.seq;
  AUTERITY_CO_TRY(execution, co_await loader_.load(std::move(stored)));
  // Every activation has left a fact at least, so its number is above all that were ever used.
  execution.last_activation =
      std::max(execution.last_activation, static_cast<ActivationId>(last_event));
  AUTERITY_CO_TRY(cut, cut_back(std::move(execution), from, services_.clock.now()));
  HistoryEvent fact;
  fact.number = ++cut.last_event;
  fact.at = services_.clock.now();
  fact.type = "workflow.restarted";
  fact.data = from.empty() ? JsonObject{} : JsonObject{{"from", from}};
  std::vector<HistoryEvent> facts;
  facts.push_back(std::move(fact));
  AUTERITY_CO_CHECK(
      co_await services_.executions.restart(id, seq, write_state(cut), std::move(facts)));
  outcomes_.take(id);
  claimer_.wake();
  services_.bus.notify_ready();
  tell_changed(id);
  co_return Status();
}

// ---- life of the engine ----

Async<void> LocalEngine::run() {
  // An engine that no longer renews or claims must not look alive: it ends, and its process with
  // it.
  std::exception_ptr broken;
  TaskGroup loops(services_.executor, "engine loops",
                  [this, &broken](std::string_view task, std::exception_ptr error) {
                    services_.log.error(
                        "engine", "a loop of the engine ended by an exception",
                        {{"loop", Json(std::string(task))}, {"exception", Json(words_of(error))}});
                    broken = std::move(error);
                    drained_.notify();
                  });
  loops.spawn("leases", lease_keeper_.loop());
  if (options_.claims) loops.spawn("claims", claimer_.loop());
  std::exception_ptr cancelled;
  try {
    while (!stopped_ && !broken) co_await drained_.wait();
  } catch (...) {
    cancelled = std::current_exception();
  }
  co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
  loops.stop();
  co_await loops.join();
  if (cancelled) std::rethrow_exception(cancelled);
  if (broken) std::rethrow_exception(broken);
}

void LocalEngine::hand_over() {
  for (const auto& run : residents_.all()) run->hand_over();
}

Async<void> LocalEngine::drain(Duration limit) {
  draining_ = true;
  claimer_.stop();
  hand_over();
  const Duration until = services_.clock.monotonic() + limit;
  while (residents_.size() > 0 && services_.clock.monotonic() < until)
    co_await emptied_.wait(services_.clock, until - services_.clock.monotonic());
  co_await abandon_all();
  stopped_ = true;
  drained_.notify();
}

Async<void> LocalEngine::abandon_all() {
  std::vector<ExecutionStore::Lease> leases;
  for (const auto& run : residents_.all()) leases.push_back({run->id(), run->term()});
  for (const auto& [id, term] : loading_) leases.push_back({id, term});
  runs_.stop();
  co_await runs_.join();
  if (leases.empty()) co_return;
  const Status released = co_await services_.executions.release(std::move(leases));
  if (!released)
    services_.log.warning("engine", "leases could not be given back and will run out",
                          {{"reason", Json(released.error().message)}});
  services_.bus.notify_ready();
}

}  // namespace

std::unique_ptr<Engine> make_engine(EngineServices services, EngineOptions options) {
  return std::make_unique<LocalEngine>(services, std::move(options));
}

}  // namespace auterity::engine
