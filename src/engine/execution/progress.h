#pragma once
// One turn of an execution: the verbs by which task behaviours and the common data flow change it,
// within one apply(). Purpose: keep the rules that hold for every task in one place (data flow,
// flow directives, faults, cancellation, facts, limits). Deterministic: time and random bits are
// the event's.
#include <cstdint>
#include <string_view>

#include "engine/execution/execution.h"

namespace auterity::engine {

class TaskBehaviour;

class Progress {
 public:
  Progress(Execution& execution, Time now, std::uint64_t draw)
      : execution_(execution), now_(now), draw_(draw) {}
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  const Execution& execution() const { return execution_; }
  Time now() const { return now_; }
  // Uniform in [0, bound); bound > 0. Different at each call of a turn.
  std::uint64_t draw_below(std::uint64_t bound);

  // ---- verbs of behaviours ----
  // Has the behaviour's question at `step` evaluated; its answered() follows, now or in a later
  // turn.
  void ask(Activation& self, std::uint16_t step);
  // Runs the behaviour's list at `step` with `raw_input`; its list_ended() follows.
  void run_list(Activation& self, std::uint16_t step, Value raw_input);
  // Starts a child; self then awaits children.
  void start_child(Activation& self, const Task& task, std::uint32_t position, Value raw_input);
  void continue_list(Activation& self, const Activation& child, const FlowDirective& then);
  void sleep_until(Activation& self, std::uint16_t step, Time due);
  void request_effect(Activation& self, std::uint16_t step);
  // The body is done; output and export transformations follow.
  void complete(Activation& self, Value raw_output);
  // Raises `error` at self; an empty instance becomes self's pointer. Everything below is
  // cancelled.
  void fail(Activation& self, WorkflowError error);
  void cancel_below(Activation& self);
  void record(std::string_view type, const Activation& about, JsonObject data = {});

  // ---- verbs of apply() ----
  void begin_workflow();
  void answer_evaluation(Activation& self, std::expected<Json, WorkflowError> result);
  void answer_validation(Activation& self, std::expected<void, WorkflowError> result);
  void answer_effect(Activation& self, std::expected<Json, WorkflowError> result);
  void fire_timers();
  void cancel_workflow();
  void suspend_workflow();
  void resume_workflow();
  void break_workflow(WorkflowError error);
  // Runs what is ready until nothing is or the turn is over, then forgets what has ended.
  void run_ready();

 private:
  void enter(Activation& self, Phase phase);
  bool pause_in(Activation& self, Phase phase);
  void leave_without_question(Activation& self, Phase phase);
  void apply_answer(Activation& self, Value answer);
  void begin_body(Activation& self);
  void skip(Activation& self);
  void finish(Activation& self);
  void hand_to_parent(Activation& self);
  void end_workflow(const Activation& last);
  void complete_workflow(Activation& root);
  void close(Activation& self);
  void cancel_tree(Activation& self);
  void record_for_started(std::string_view type);
  bool within_limits(Activation& self, const Json& value);
  Activation& root();

  Execution& execution_;
  Time now_;
  std::uint64_t draw_;
  std::uint64_t draws_ = 0;
  std::size_t new_bytes_ = 0;
};

// What the activation awaits an evaluation of, in its phase and step; empty when there is nothing
// to evaluate.
struct Question;
Question question_of(const Execution& execution, const Activation& activation);
// The schema to check in this phase, or nullptr.
const Schema* schema_of(const Execution& execution, const Activation& activation, Phase phase);
// Pointer for errors: the task's, or the workflow's part.
std::string instance_of(const Activation& activation);

}  // namespace auterity::engine
