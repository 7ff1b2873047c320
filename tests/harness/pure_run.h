#pragma once
// Runs one execution through the pure core alone: decide, answer, apply, with scripted effects and
// a clock that jumps to the next timer. What a unit test of a task keyword asserts on.
#include <functional>
#include <string>
#include <vector>

#include "engine/execution/decide.h"

namespace auterity::harness {

class PureRun {
 public:
  // Answers an effect; the default echoes {"kind", "arguments"} for calls and the event for emit.
  using Effect = std::function<std::expected<Json, engine::WorkflowError>(
      const engine::EffectRequest& request)>;
  // Answers a validation; the default finds everything valid.
  using Check = std::function<bool(const Json& schema, const Json& value)>;

  // `text` is YAML or JSON, with or without its `document`; a problem in it fails the test.
  explicit PureRun(std::string_view text, Json input = nullptr, JsonObject secrets = {});

  PureRun& with_effect(Effect effect);
  PureRun& with_check(Check check);
  PureRun& with_limits(engine::ExecutionLimits limits);
  // The random bits of the events; they differ from event to event all the same.
  PureRun& with_draw(std::uint64_t draw);
  // Writes the state and reads it back before every event, so that every test is one of the stored
  // form, too.
  PureRun& through_storage();

  // Until the execution has ended, or wants nothing any more (suspended).
  const engine::Execution& run();
  // Until the first effect or timer, whichever is next.
  const engine::Execution& run_until_effect_or_timer();
  void apply(decltype(engine::Event::what) what);
  void advance(Duration duration) { now_ += duration; }

  const engine::Execution& execution() const { return execution_; }
  Time now() const { return now_; }
  Duration elapsed() const { return now_ - begun_; }
  const std::vector<engine::EffectRequest>& effects() const { return effects_; }
  // "type pointer", in order; those whose type begins with `prefix`.
  std::vector<std::string> facts(std::string_view prefix = "") const;
  Json output() const;
  Json error() const;

 private:
  bool step(bool stop_at_effect);
  bool answer(const engine::Command& command, bool stop_at_effect);
  void answer_evaluation(engine::ActivationId activation);
  void answer_validation(engine::ActivationId activation);
  void answer_effect(engine::ActivationId activation);

  engine::DefinitionPtr definition_;
  engine::Execution execution_;
  Effect effect_;
  Check check_;
  bool through_storage_ = false;
  Time begun_, now_;
  std::uint64_t draw_ = 1;  // of the next event
  std::vector<engine::HistoryEvent> facts_;
  std::vector<engine::EffectRequest> effects_;
};

}  // namespace auterity::harness
