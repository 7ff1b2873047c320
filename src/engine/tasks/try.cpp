// try: a list whose faults may be caught. A fault that passes the static filter, `when` and
// `exceptWhen` is first retried as far as the policy allows, then handled by `catch.do`; with
// neither a retry left nor anything to handle it, a policy that has given up lets the fault
// through, and a catch without a policy swallows it (the output is then the input). Every attempt
// starts from the same input.
#include <algorithm>
#include <boost/json/object.hpp>
#include <limits>

#include "engine/expression/evaluator.h"
#include "engine/tasks/registry.h"

namespace auterity::engine {
namespace {

enum Step : std::uint16_t {
  attempt_limit,
  attempting,
  catch_when,
  catch_except_when,
  retry_when,
  retry_except_when,
  total_limit,
  delay,
  jitter_from,
  jitter_to,
  backing_off,
  handling,
};

constexpr Duration kLongestBackOff = std::chrono::hours(24 * 365);

const TryTask& task_of(const Activation& self) { return std::get<TryTask>(self.task->body); }
const CatchClause& clause_of(const Activation& self) { return task_of(self).catch_clause; }

bool passes_filter(const Json& filter, const Json& error) {
  if (!filter.is_object()) return true;
  for (const auto& [name, expected] : filter.get_object()) {
    const Json* actual = find_member(error, name);
    if (actual == nullptr) return false;
    const bool same = name == "type" && expected.is_string() && actual->is_string()
                          ? same_error_type(expected.get_string(), actual->get_string())
                          : *actual == expected;
    if (!same) return false;
  }
  return true;
}

Duration backed_off(RetryPolicy::Backoff backoff, Duration delay, std::uint32_t attempt) {
  using Backoff = RetryPolicy::Backoff;
  const double factor = backoff == Backoff::constant ? 1
                        : backoff == Backoff::linear
                            ? attempt
                            : static_cast<double>(1ull << std::min(attempt - 1, 62u));
  const double total = factor * static_cast<double>(delay.count());
  if (total >= static_cast<double>(kLongestBackOff.count())) return kLongestBackOff;
  return Duration(static_cast<std::int64_t>(total));
}

Question ask_about(const std::optional<Template>& what, const Value& data) {
  return {.what = what ? &*what : nullptr, .data = data};
}
Question ask_about(const std::optional<DurationValue>& what, const Value& data) {
  return {.duration = what ? &*what : nullptr, .data = data};
}

Question question_at(const Activation& self, std::uint16_t step) {
  const CatchClause& clause = clause_of(self);
  if (step == Step::catch_when) return ask_about(clause.when, self.input);
  if (step == Step::catch_except_when) return ask_about(clause.except_when, self.input);
  if (!clause.retry) return {};
  const RetryPolicy& policy = *clause.retry;
  switch (step) {
    case Step::attempt_limit:
      return ask_about(policy.attempt_timeout, self.input);
    case Step::retry_when:
      return ask_about(policy.when, self.input);
    case Step::retry_except_when:
      return ask_about(policy.except_when, self.input);
    case Step::total_limit:
      return ask_about(policy.total_timeout, self.input);
    case Step::delay:
      return ask_about(policy.delay, self.input);
    case Step::jitter_from:
      return ask_about(policy.jitter_from, self.input);
    case Step::jitter_to:
      return ask_about(policy.jitter_to, self.input);
    default:
      return {};
  }
}

class TryBehaviour final : public TaskBehaviour {
 public:
  void begin(Progress& progress, Activation& self) const override {
    self.first_attempt_at = progress.now();
    begin_attempt(progress, self);
  }

  Question question(const Execution&, const Activation& self) const override {
    return question_at(self, self.step);
  }

  void answered(Progress& progress, Activation& self, Value answer) const override {
    switch (self.step) {
      case Step::attempt_limit:
        self.due = progress.now() + Duration(answer->get_int64());
        return progress.run_list(self, Step::attempting, self.input);
      case Step::catch_when:
        if (!is_truthy(*answer)) return let_through(progress, self);
        break;
      case Step::catch_except_when:
        if (is_truthy(*answer)) return let_through(progress, self);
        break;
      case Step::retry_when:
        if (!is_truthy(*answer)) return handle(progress, self);
        break;
      case Step::retry_except_when:
        if (is_truthy(*answer)) return handle(progress, self);
        break;
      case Step::total_limit:
        self.total_limit = Duration(answer->get_int64());
        break;
      case Step::delay:
        self.delay = Duration(answer->get_int64());
        break;
      case Step::jitter_from:
        self.jitter_from = Duration(answer->get_int64());
        break;
      case Step::jitter_to:
        return back_off(progress, self, Duration(answer->get_int64()));
    }
    ask_from(progress, self, static_cast<std::uint16_t>(self.step + 1));
  }

  const TaskList& list(const Execution&, const Activation& self) const override {
    return self.step == Step::handling ? clause_of(self).tasks : task_of(self).tasks;
  }

  void list_ended(Progress& progress, Activation& self, Value output) const override {
    if (self.step == Step::handling && clause_of(self).then) self.then = clause_of(self).then;
    progress.complete(self, std::move(output));
  }

  void child_failed(Progress& progress, Activation& self, WorkflowError error) const override {
    if (self.step != Step::attempting) return progress.fail(self, std::move(error));
    self.due.reset();
    self.error = make_value(error.to_json());
    if (!passes_filter(clause_of(self).with, *self.error)) return let_through(progress, self);
    self.locals = make_value(JsonObject{{clause_of(self).as, *self.error}});
    ask_from(progress, self, Step::catch_when);
  }

  void timer_due(Progress& progress, Activation& self) const override {
    if (self.step == Step::backing_off) return begin_attempt(progress, self);
    progress.cancel_below(self);
    child_failed(progress, self,
                 make_error(StandardError::timeout, "the attempt took longer than its limit",
                            self.task->pointer));
  }

 private:
  void begin_attempt(Progress& progress, Activation& self) const {
    if (self.error)
      progress.record("task.retried", self, {{"attempt", self.attempt}, {"error", *self.error}});
    self.error.reset();
    self.locals.reset();
    self.delay.reset();
    self.jitter_from.reset();
    self.total_limit.reset();
    if (question_at(self, Step::attempt_limit).empty())
      progress.run_list(self, Step::attempting, self.input);
    else
      progress.ask(self, Step::attempt_limit);
  }

  // Goes through the questions about a caught error that the author has written, then retries or
  // handles.
  void ask_from(Progress& progress, Activation& self, std::uint16_t step) const {
    for (; step <= Step::jitter_to; ++step) {
      if (step == Step::retry_when && !may_retry(self)) return handle(progress, self);
      if (!question_at(self, step).empty()) return progress.ask(self, step);
    }
    back_off(progress, self, Duration::zero());
  }

  static bool may_retry(const Activation& self) {
    const auto& policy = clause_of(self).retry;
    return policy && (!policy->max_attempts || self.attempt <= *policy->max_attempts);
  }

  void back_off(Progress& progress, Activation& self, Duration jitter_to) const {
    const RetryPolicy& policy = *clause_of(self).retry;
    Duration pause =
        backed_off(policy.backoff, self.delay.value_or(Duration::zero()), self.attempt);
    const Duration jitter_from = self.jitter_from.value_or(Duration::zero());
    if (jitter_to > jitter_from)
      pause +=
          jitter_from + Duration(progress.draw_below(
                            static_cast<std::uint64_t>((jitter_to - jitter_from).count()) + 1));
    else
      pause += jitter_from;
    const Time next = progress.now() + pause;
    if (self.total_limit && next - *self.first_attempt_at > *self.total_limit)
      return handle(progress, self);
    ++self.attempt;
    if (pause > Duration::zero())
      progress.sleep_until(self, Step::backing_off, next);
    else
      begin_attempt(progress, self);
  }

  void handle(Progress& progress, Activation& self) const {
    const CatchClause& clause = clause_of(self);
    if (clause.tasks.empty() && clause.retry && !clause.then) return let_through(progress, self);
    progress.run_list(self, Step::handling, self.input);
  }

  void let_through(Progress& progress, Activation& self) const {
    progress.fail(self, WorkflowError::from_json(*self.error));
  }
};

}  // namespace

const TaskBehaviour& try_behaviour() {
  static const TryBehaviour behaviour;
  return behaviour;
}

}  // namespace auterity::engine
