#include "engine/executor/execution_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "engine/execution/decide.h"
#include "engine/executor/lifecycle.h"

namespace auterity::engine {
namespace asio = boost::asio;

namespace {

// What has happened while an effect or a short wait goes on is saved after this time at the latest.
constexpr Duration kSaveWithin = std::chrono::seconds(1);
// Facts in memory before they are saved although nothing else asks for it.
constexpr std::size_t kMaxUnsavedFacts = 4096;
constexpr Duration kFirstRetry = std::chrono::milliseconds(50);
constexpr Duration kLongestRetry = std::chrono::seconds(2);

bool may_pass(ErrorKind kind) { return facts(kind).retryable || kind == ErrorKind::storage_full; }

}  // namespace

ExecutionRun::ExecutionRun(const RunContext& context, Execution execution, std::int64_t term,
                           std::int64_t seq)
    : context_(context),
      services_(context.services),
      execution_(std::move(execution)),
      mask_(execution_.surroundings->secrets),
      interpreter_(services_.evaluator, context.schemas, services_.effects, services_.clock),
      term_(term),
      seq_(seq),
      effects_(services_.executor, services_.effects, services_.log,
               [this](EffectEnded outcome) { post(std::move(outcome)); }),
      woken_(services_.executor),
      left_(services_.executor) {}

void ExecutionRun::post(Message message) {
  mailbox_.push_back(std::move(message));
  woken_.notify();
}

void ExecutionRun::hand_over() {
  handing_over_ = true;
  woken_.notify();
}

void ExecutionRun::lose() {
  lost_ = true;
  woken_.notify();
}

void ExecutionRun::trust_until(Duration monotonic) {
  trusted_until_ = monotonic;
  renewed_at_ = services_.clock.monotonic();
}

bool ExecutionRun::is_trusted() const {
  return !lost_ && services_.clock.monotonic() < trusted_until_;
}

void ExecutionRun::apply_now(Message message) {
  // The wall clock may step back; an execution's time does not.
  last_event_at_ = std::max(last_event_at_, services_.clock.now());
  if (!dirty_since_) dirty_since_ = last_event_at_;
  execution_ = engine::apply(std::move(execution_),
                             Event{last_event_at_, services_.random.next(), std::move(message)});
}

void ExecutionRun::take_mail() {
  for (Message& message : std::exchange(mailbox_, {})) {
    if (const auto* outcome = std::get_if<EffectEnded>(&message))
      started_.erase(outcome->activation);
    apply_now(std::move(message));
  }
}

Async<void> ExecutionRun::advance(Message message, std::optional<Duration> budget) {
  apply_now(std::move(message));
  co_await settle(budget);
}

// Answers one evaluation or validation, or goes on with pure work; false when there is none.
Async<bool> ExecutionRun::answer_one() {
  bool advance = false;
  for (const Command& command :
       decide(execution_, std::max(last_event_at_, services_.clock.now()))) {
    if (const auto* evaluation = std::get_if<Evaluate>(&command)) {
      apply_now(co_await interpreter_.evaluate(execution_, evaluation->activation));
      co_return true;
    }
    if (const auto* validation = std::get_if<Validate>(&command)) {
      apply_now(co_await interpreter_.validate(execution_, validation->activation));
      co_return true;
    }
    advance |= std::holds_alternative<Advance>(command);
  }
  if (!advance) co_return false;
  co_await asio::post(asio::use_awaitable);
  apply_now(Tick{});
  co_return true;
}

Async<void> ExecutionRun::settle(std::optional<Duration> budget) {
  const Duration begun = services_.clock.monotonic();
  for (;;) {
    take_mail();
    if (lost_ || execution_.ended() || execution_.facts.size() > kMaxUnsavedFacts) co_return;
    if (budget && services_.clock.monotonic() - begun > *budget) co_return;
    if (!co_await answer_one()) co_return;
  }
}

RunStanding ExecutionRun::standing() const {
  RunStanding standing;
  standing.in_flight = started_;
  standing.dirty = dirty_since_.has_value();
  if (dirty_since_) standing.save_by = *dirty_since_ + kSaveWithin;
  standing.handing_over = handing_over_;
  standing.now = std::max(last_event_at_, services_.clock.now());
  standing.short_wait = context_.options.short_wait;
  return standing;
}

bool ExecutionRun::is_settled() const {
  const auto commands = decide(execution_, std::max(last_event_at_, services_.clock.now()));
  return std::ranges::none_of(commands, [](const Command& command) {
    return std::holds_alternative<Evaluate>(command) || std::holds_alternative<Validate>(command) ||
           std::holds_alternative<Advance>(command);
  });
}

Checkpoint ExecutionRun::first_checkpoint(bool may_stay) {
  CheckpointPlace place{.term = 1, .seq = 1, .wake = WakeReason::ready, .wake_at = {}};
  const NextStep step = next_step(execution_, standing());
  if (!is_settled()) {
    // The start's budget ran out before the pure work did: the timers it has set so far are not
    // what it waits for.
    if (may_stay) place.wake = WakeReason::lease;
  } else if (step.kind == NextStep::Kind::sleep) {
    place.wake = WakeReason::timer;
    place.wake_at = step.until;
  } else if (step.kind == NextStep::Kind::rest) {
    place.wake = WakeReason::suspended;
  } else if (may_stay) {
    place.wake = WakeReason::lease;
  }
  return make_checkpoint(execution_, mask_, texts_, place);
}

Async<void> ExecutionRun::stored(const Checkpoint& first, Duration trusted_until) {
  term_ = first.term;
  seq_ = first.seq;
  dirty_since_.reset();
  trust_until(trusted_until);
  co_await publish(first);
}

Async<void> ExecutionRun::live() {
  std::exception_ptr stopped;
  try {
    co_await run_steps();
  } catch (...) {
    stopped = std::current_exception();
  }
  // Whatever happened, no effect outlives its execution.
  co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
  co_await effects_.stop();
  if (stopped) std::rethrow_exception(stopped);
}

Async<void> ExecutionRun::run_steps() {
  if (execution_.status == ExecutionStatus::pending) apply_now(Started{});
  for (;;) {
    co_await settle(std::nullopt);
    // Stops the effects of tasks that are gone: timed out, cancelled, outrun by another branch.
    const std::set<ActivationId> awaited = awaited_effects(execution_);
    std::erase_if(started_, [&](ActivationId activation) { return !awaited.contains(activation); });
    co_await effects_.keep_only(started_);
    NextStep step = next_step(execution_, standing());
    const bool interrupted = execution_.facts.size() > kMaxUnsavedFacts;
    if (interrupted && step.kind != NextStep::Kind::finish) step = {.kind = NextStep::Kind::save};
    if (lost_ || !co_await take(std::move(step))) break;
  }
  if (end_ == End::running) end_ = End::lost;
}

// Does the step; false when the execution leaves memory.
Async<bool> ExecutionRun::take(NextStep step) {
  using Kind = NextStep::Kind;
  switch (step.kind) {
    case Kind::finish:
      co_return co_await leave(End::ended, WakeReason::none);
    case Kind::rest:
      co_return co_await leave(End::asleep, WakeReason::suspended);
    case Kind::hand_over:
      co_return co_await leave(End::handed_over, WakeReason::ready);
    case Kind::sleep:
      sleeps_until_ = step.until;
      co_return co_await leave(End::asleep, WakeReason::timer, step.until);
    case Kind::save:
      co_return co_await save(WakeReason::lease);
    case Kind::start_effects:
      // After a save the loop looks again: a cancellation may have come meanwhile.
      if (dirty_since_) co_return co_await save(WakeReason::lease);
      // The answer of that save may have been under way for longer than the lease.
      if (!is_trusted()) co_return false;
      start_effects(step.effects);
      co_return true;
    case Kind::wait:
      co_await wait(step.until);
      co_return true;
    case Kind::stuck:
      apply_now(Broken{make_error(StandardError::runtime,
                                  "the engine found nothing that this execution waits for", "/")});
      co_return true;
  }
  co_return false;
}

Async<bool> ExecutionRun::leave(End end, WakeReason wake, std::optional<Time> wake_at) {
  const bool ended = execution_.ended();
  if (!co_await save(wake, wake_at)) co_return false;
  // A value over the limits of the store has made it fault instead.
  if (execution_.ended() != ended) co_return true;
  end_ = end;
  co_return false;
}

void ExecutionRun::start_effects(const std::vector<ActivationId>& effects) {
  for (const ActivationId activation : effects) {
    started_.insert(activation);
    effects_.start(activation, effect_of(execution_, activation));
  }
}

Async<void> ExecutionRun::wait(std::optional<Time> until) {
  if (!mailbox_.empty() || lost_) co_return;
  if (!until) co_return co_await woken_.wait();
  const Duration left = *until - std::max(last_event_at_, services_.clock.now());
  co_await woken_.wait(services_.clock, left);
}

// False when the execution must be dropped.
Async<bool> ExecutionRun::save(WakeReason wake, std::optional<Time> wake_at) {
  Checkpoint checkpoint =
      make_checkpoint(execution_, mask_, texts_,
                      {.term = term_, .seq = seq_ + 1, .wake = wake, .wake_at = wake_at});
  if (checkpoint.state.size() > execution_.surroundings->limits.max_state_bytes) {
    if (execution_.ended()) {
      checkpoint.state.clear();  // it cannot be restarted in the middle, but it has ended
    } else {
      execution_.facts = std::move(checkpoint.events);
      apply_now(Broken{make_error(
          StandardError::runtime,
          fmt::format("the execution's state has {} bytes, more than the {} that are allowed; keep "
                      "large data in files and pass references",
                      checkpoint.state.size(), execution_.surroundings->limits.max_state_bytes),
          "/")});
      co_return true;
    }
  }
  const Saved saved = co_await write(checkpoint);
  if (saved == Saved::lost) {
    lost_ = true;
    co_return false;
  }
  if (saved == Saved::too_large) {
    execution_.facts = std::move(checkpoint.events);
    apply_now(
        Broken{make_error(StandardError::runtime, "the store refuses the execution's state", "/")});
    co_return true;
  }
  ++seq_;
  dirty_since_.reset();
  context_.saved(id());
  co_await publish(checkpoint);
  last_checkpoint_ = std::move(checkpoint);
  co_return true;
}

Async<ExecutionRun::Saved> ExecutionRun::write(Checkpoint& checkpoint) {
  for (Duration pause = kFirstRetry; is_trusted(); pause = std::min(pause * 2, kLongestRetry)) {
    const Status status = co_await services_.executions.save(checkpoint);
    if (status) {
      context_.metrics.checkpoints.add();
      co_return Saved::yes;
    }
    const Error& error = status.error();
    if (error.kind == ErrorKind::conflict || error.kind == ErrorKind::not_found) break;
    context_.metrics.store_errors.add();
    if (!may_pass(error.kind)) {
      services_.log.error("engine", "a checkpoint was refused",
                          {{"execution_id", Json(to_text(id()))}, {"reason", Json(error.message)}});
      if (execution_.ended()) break;
      co_return Saved::too_large;
    }
    services_.log.warning("engine", "a checkpoint could not be written and is tried again",
                          {{"execution_id", Json(to_text(id()))}, {"reason", Json(error.message)}});
    co_await services_.clock.sleep(pause);
  }
  co_return Saved::lost;
}

Async<void> ExecutionRun::publish(const Checkpoint& checkpoint) {
  if (is_terminal(checkpoint.status))
    context_.metrics.execution_ended(workflow_type_of(execution_.definition()), checkpoint.status);
  if (!services_.events.wants_lifecycle()) co_return;
  for (const HistoryEvent& fact : checkpoint.events) {
    auto event = to_cloud_event(fact, execution_.definition(), id());
    if (!event) continue;
    const Status delivered = co_await services_.events.deliver(std::move(*event));
    if (!delivered)
      services_.log.warning(
          "engine", "a lifecycle event was not delivered",
          {{"type", Json(fact.type)}, {"reason", Json(delivered.error().message)}});
  }
}

}  // namespace auterity::engine
