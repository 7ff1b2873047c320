#pragma once
// The engine of one process: starts executions, runs those it owns in place up to a limit, claims
// others, sleeps on timers. Purpose and life of an execution: ARCHITECTURE.md. Everything it
// touches comes in by interface, so the simulation runs this very class.
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "core/async.h"
#include "core/clock.h"
#include "core/error.h"
#include "core/log.h"
#include "core/metrics.h"
#include "core/random.h"
#include "engine/executor/effects.h"
#include "engine/expression/evaluator.h"
#include "engine/store/execution_store.h"
#include "engine/store/workflow_store.h"

namespace auterity::engine {

// Wakes other processes' engines and event streams; losing it costs latency only (everything is
// polled too).
class WakeBus {
 public:
  virtual ~WakeBus() = default;
  virtual void notify_ready() = 0;                  // something is claimable
  virtual void notify_changed(Uuid execution) = 0;  // new history events or a request
  virtual void on_ready(std::function<void()> handler) = 0;
  virtual void on_changed(std::function<void(Uuid)> handler) = 0;
};

// Where `emit` and lifecycle events go besides the history (CloudEvents 1.0, structured JSON).
class EventSink {
 public:
  virtual ~EventSink() = default;
  virtual Async<Status> deliver(Json cloud_event) = 0;
  // Whether lifecycle events are wanted, too (io.serverlessworkflow.*.v1, in order of occurrence,
  // once they are durable; at least once across a crash). Those of `emit` always come.
  virtual bool wants_lifecycle() const { return false; }
};

struct EngineOptions {
  std::string owner;               // unique a process: "api-1@blue#<uuid>"
  std::size_t max_in_place = 512;  // executions in memory at once
  bool claims = true;              // false: runs only what it started
  Duration lease = std::chrono::seconds(15);
  Duration poll = std::chrono::milliseconds(500);
  // Waits shorter than this stay in memory instead of being put to sleep in the store.
  Duration short_wait = std::chrono::seconds(2);
  std::string runtime_version;
};

struct EngineServices {
  boost::asio::any_io_executor executor;
  Clock& clock;
  Random& random;
  Log& log;
  Metrics& metrics;
  EffectPerformer& effects;
  Evaluator& evaluator;
  ExecutionStore& executions;
  WorkflowStore& workflows;
  SecretStore& secrets;
  WakeBus& bus;
  EventSink& events;
};

struct StartRequest {
  Uuid workflow_id;
  DefinitionPtr definition;
  Json input;
  std::string trigger = "api";
  std::string started_by;
  std::string traceparent;
  std::optional<std::string> idempotency_key;
  std::optional<Time> scheduled_for;
};

class Engine {
 public:
  virtual ~Engine() = default;
  // Durable when it answers; then runs in place if there is room. validation errors of the input
  // are a faulted execution, not an error.
  virtual Async<Result<Created>> start(StartRequest request) = 0;
  // Many at once, one commit: for bulk starts.
  virtual Async<Result<std::vector<Created>>> start_many(std::vector<StartRequest> requests) = 0;
  // The view once the execution has ended or `limit` has passed, whichever is first.
  virtual Async<Result<ExecutionView>> wait(Uuid id, Duration limit) = 0;
  virtual Async<Status> request(Uuid id, ControlAction action) = 0;
  // restart {from: pointer}: keeps what came before that task; empty pointer: from the beginning.
  virtual Async<Status> restart(Uuid id, std::string from) = 0;
  // The background loops (claim, renew); returns once drain() has completed, or when the calling
  // coroutine is cancelled. Throws when one of them ended by an exception, which is a bug: the
  // engine then no longer renews its leases, and its process must end.
  virtual Async<void> run() = 0;
  // Stops claiming, hands executions over at the next step boundary, completes when none is left or
  // `limit` has passed; what is then still in memory is given back as it was last stored. Must have
  // completed before the engine is destroyed.
  virtual Async<void> drain(Duration limit) = 0;
  // Gives the executions that are in memory now to other processes, each at its next step boundary.
  // This process goes on as before.
  virtual void hand_over() = 0;
  virtual std::size_t in_memory() const = 0;
};

std::unique_ptr<Engine> make_engine(EngineServices services, EngineOptions options);

}  // namespace auterity::engine
