#include "harness/pure_run.h"

#include <gtest/gtest.h>

#include <boost/json/object.hpp>

#include "engine/definition/parser.h"
#include "engine/execution/execution_json.h"
#include "harness/inline_jq.h"

namespace auterity::harness {

using namespace engine;

namespace {

constexpr std::int64_t kBegin = 1'795'000'000'000'000;  // in 2026

DefinitionPtr parse(std::string_view text) {
  std::string whole(text);
  if (text.find("dsl:") == std::string_view::npos)
    whole = "document: {dsl: '1.0.3', namespace: test, name: pure, version: '1.0.0'}\n" + whole;
  auto parsed = parse_definition(whole);
  if (parsed) return *parsed;
  for (const Problem& problem : parsed.error()) ADD_FAILURE() << to_text(problem, "test");
  std::abort();
}

SurroundingsPtr make_surroundings(DefinitionPtr definition, JsonObject secrets) {
  Surroundings surroundings;
  surroundings.id = *parse_uuid("01890000-0000-7000-8000-000000000001");
  surroundings.definition = std::move(definition);
  surroundings.runtime_version = "1.2.3";
  surroundings.secrets = std::move(secrets);
  return std::make_shared<const Surroundings>(std::move(surroundings));
}

std::expected<Json, WorkflowError> echo(const EffectRequest& request) {
  if (request.kind == EffectKind::emit) return request.arguments;
  return Json(JsonObject{{"kind", to_text(request.kind)}, {"arguments", request.arguments}});
}

}  // namespace

PureRun::PureRun(std::string_view text, Json input, JsonObject secrets)
    : definition_(parse(text)),
      execution_(make_execution(make_surroundings(definition_, std::move(secrets)),
                                make_value(std::move(input)))),
      effect_(echo),
      check_([](const Json&, const Json&) { return true; }),
      begun_(from_epoch_microseconds(kBegin)),
      now_(begun_) {}

PureRun& PureRun::with_effect(Effect effect) {
  effect_ = std::move(effect);
  return *this;
}
PureRun& PureRun::with_check(Check check) {
  check_ = std::move(check);
  return *this;
}
PureRun& PureRun::with_limits(ExecutionLimits limits) {
  Surroundings changed = *execution_.surroundings;
  changed.limits = limits;
  execution_.surroundings = std::make_shared<const Surroundings>(std::move(changed));
  return *this;
}
PureRun& PureRun::with_draw(std::uint64_t draw) {
  draw_ = draw;
  return *this;
}
PureRun& PureRun::through_storage() {
  through_storage_ = true;
  return *this;
}

void PureRun::apply(decltype(Event::what) what) {
  if (through_storage_ && execution_.status != ExecutionStatus::pending && !execution_.ended()) {
    const std::string state = write_state(execution_);
    auto read = read_state(state, execution_.surroundings, execution_.raw_input);
    ASSERT_TRUE(read) << read.error().message << "\n" << state;
    EXPECT_EQ(write_state(*read), state);
    // An answer is only for an activation that awaits it: one with an effect would have to ask
    // anew.
    const bool answers_effect =
        std::holds_alternative<EffectEnded>(what) || std::holds_alternative<Evaluated>(what);
    if (!answers_effect) execution_ = std::move(*read);
  }
  execution_ = engine::apply(std::move(execution_), Event{now_, draw_++, std::move(what)});
  for (HistoryEvent& fact : execution_.facts) facts_.push_back(std::move(fact));
  execution_.facts.clear();
}

const Execution& PureRun::run() {
  if (execution_.status == ExecutionStatus::pending) apply(Started{});
  while (step(false)) {
  }
  return execution_;
}

const Execution& PureRun::run_until_effect_or_timer() {
  if (execution_.status == ExecutionStatus::pending) apply(Started{});
  while (step(true)) {
  }
  return execution_;
}

// Answers the first command; false when there is nothing to answer.
bool PureRun::step(bool stop_at_effect) {
  for (const Command& command : decide(execution_, now_))
    if (answer(command, stop_at_effect)) return true;
  return false;
}

bool PureRun::answer(const Command& command, bool stop_at_effect) {
  if (const auto* evaluate = std::get_if<Evaluate>(&command)) {
    answer_evaluation(evaluate->activation);
  } else if (const auto* validate = std::get_if<Validate>(&command)) {
    answer_validation(validate->activation);
  } else if (const auto* effect = std::get_if<StartEffect>(&command)) {
    if (stop_at_effect) return false;
    answer_effect(effect->activation);
  } else if (const auto* sleep = std::get_if<SleepUntil>(&command)) {
    if (stop_at_effect) return false;
    now_ = sleep->time;
    apply(Tick{});
  } else if (std::holds_alternative<Advance>(command)) {
    apply(Tick{});
  } else {
    return false;
  }
  return true;
}

void PureRun::answer_evaluation(ActivationId activation) {
  auto evaluation = evaluation_of(execution_, activation);
  if (!evaluation) return apply(Evaluated{activation, std::unexpected(evaluation.error())});
  const Result<Json> result = evaluate_inline(*definition_->expressions, *evaluation->what,
                                              *evaluation->data, evaluation->arguments);
  if (result) return apply(Evaluated{activation, *result});
  apply(Evaluated{activation, std::unexpected(make_error(StandardError::expression,
                                                         result.error().message, {}))});
}

void PureRun::answer_validation(ActivationId activation) {
  const Validation validation = validation_of(execution_, activation);
  if (check_(validation.schema->document, *validation.data))
    return apply(Validated{activation, {}});
  apply(Validated{activation, std::unexpected(make_error(StandardError::validation, "not valid",
                                                         validation.instance))});
}

void PureRun::answer_effect(ActivationId activation) {
  effects_.push_back(effect_of(execution_, activation));
  apply(EffectEnded{activation, effect_(effects_.back())});
}

std::vector<std::string> PureRun::facts(std::string_view prefix) const {
  std::vector<std::string> texts;
  for (const HistoryEvent& fact : facts_)
    if (fact.type.starts_with(prefix))
      texts.push_back(fact.task.empty() ? fact.type : fact.type + " " + fact.task);
  return texts;
}

Json PureRun::output() const { return execution_.output ? *execution_.output : Json(nullptr); }
Json PureRun::error() const { return execution_.error ? *execution_.error : Json(nullptr); }

}  // namespace auterity::harness
