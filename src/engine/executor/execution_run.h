#pragma once
// One execution in memory, from the moment this process owns it until it ends, sleeps in the store,
// is handed over or lost. Purpose: the loop around the pure core: answer what it asks, make durable
// what happened before an effect starts, start effects, wait.
//
// Invariants:
//  - only this object's coroutine applies events, one at a time; everybody else posts into its
//  mailbox;
//  - an effect starts only when nothing is dirty, that is when the state that wants it is durable;
//  - nothing is written after the time until which the lease is trusted (shorter than the lease
//  itself), and nothing at all once the
//    store has said that the term or seq is not the current one.
// A save whose answer is lost is repeated as it was: the store answers success to a repetition.
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "engine/execution/execution.h"
#include "engine/execution/secret_mask.h"
#include "engine/executor/checkpoint.h"
#include "engine/executor/effect_group.h"
#include "engine/executor/engine.h"
#include "engine/executor/engine_metrics.h"
#include "engine/executor/interpreter.h"
#include "engine/executor/next_step.h"
#include "engine/executor/signal.h"

namespace auterity::engine {

// What the executions of one engine share.
struct RunContext {
  EngineServices& services;
  const EngineOptions& options;
  EngineMetrics& metrics;
  SchemaCache& schemas;
  std::function<void(const Uuid& execution)> saved;  // called after each checkpoint but the first
};

class ExecutionRun {
 public:
  enum class End { running, ended, asleep, handed_over, lost };
  using Message = decltype(Event::what);

  // `term` and `seq`: of the lease and of the last checkpoint, 0 for an execution that the store
  // does not know yet.
  ExecutionRun(const RunContext& context, Execution execution, std::int64_t term, std::int64_t seq);

  const Uuid& id() const { return execution_.surroundings->id; }
  std::int64_t term() const { return term_; }
  End end() const { return end_; }
  const Execution& execution() const { return execution_; }
  std::optional<Time> sleeps_until() const { return sleeps_until_; }

  // ---- before it is stored ----
  // Applies `message` and does the work that needs no effect, for about `budget` of this process's
  // time (nullopt: as long as it takes).
  Async<void> advance(Message message, std::optional<Duration> budget);
  // What creates it in the store; `may_stay`: whether there is room to go on here.
  Checkpoint first_checkpoint(bool may_stay);
  // The store has it; from now on the lease is trusted until `monotonic`.
  Async<void> stored(const Checkpoint& first, Duration trusted_until);

  // ---- while it is in memory ----
  // Runs until end() says why it left. Cancelling it abandons the execution as a crash would.
  Async<void> live();
  void post(Message message);
  void hand_over();
  void lose();
  void trust_until(Duration monotonic);
  Duration trusted_until() const { return trusted_until_; }
  Duration renewed_at() const { return renewed_at_; }
  // Completes when it has left memory.
  Async<bool> left(Duration limit) { return left_.wait(services_.clock, limit); }
  void notify_left() { left_.notify(); }
  // The last checkpoint that was written, for whoever waits for the outcome.
  const std::optional<Checkpoint>& last_checkpoint() const { return last_checkpoint_; }

 private:
  // Whether no pure work is left.
  bool is_settled() const;
  enum class Saved { yes, lost, too_large };

  Async<void> run_steps();
  Async<void> settle(std::optional<Duration> budget);
  Async<bool> answer_one();
  Async<bool> take(NextStep step);
  Async<void> wait(std::optional<Time> until);
  Async<bool> save(WakeReason wake, std::optional<Time> wake_at = std::nullopt);
  Async<Saved> write(Checkpoint& checkpoint);
  Async<void> publish(const Checkpoint& checkpoint);
  void start_effects(const std::vector<ActivationId>& effects);
  void take_mail();
  void apply_now(Message message);
  bool is_trusted() const;
  RunStanding standing() const;
  Async<bool> leave(End end, WakeReason wake, std::optional<Time> wake_at = std::nullopt);

  const RunContext& context_;
  EngineServices& services_;
  Execution execution_;
  SecretMask mask_;
  ValueTexts texts_;
  Interpreter interpreter_;
  std::int64_t term_;
  std::int64_t seq_;
  EffectGroup effects_;
  std::set<ActivationId> started_;
  std::vector<Message> mailbox_;
  Signal woken_;
  Signal left_;
  std::optional<Time> dirty_since_;
  Time last_event_at_;
  Duration trusted_until_ = Duration::zero();
  Duration renewed_at_ = Duration::zero();
  bool handing_over_ = false;
  bool lost_ = false;
  End end_ = End::running;
  std::optional<Time> sleeps_until_;
  std::optional<Checkpoint> last_checkpoint_;
};

}  // namespace auterity::engine
