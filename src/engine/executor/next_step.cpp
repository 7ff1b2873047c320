#include "engine/executor/next_step.h"

#include <algorithm>

#include "engine/execution/decide.h"

namespace auterity::engine {
namespace {

using Kind = NextStep::Kind;

bool intersects(const std::set<ActivationId>& left, const std::set<ActivationId>& right) {
  return std::ranges::any_of(left, [&](ActivationId id) { return right.contains(id); });
}

NextStep wait_until(std::optional<Time> timer, const RunStanding& standing) {
  NextStep step{.kind = Kind::wait, .effects = {}, .until = timer};
  if (!standing.dirty || !standing.save_by) return step;
  if (*standing.save_by <= standing.now) return {.kind = Kind::save, .effects = {}, .until = {}};
  step.until = timer ? std::min(*timer, *standing.save_by) : *standing.save_by;
  return step;
}

}  // namespace

std::set<ActivationId> awaited_effects(const Execution& execution) {
  std::set<ActivationId> awaited;
  for (const auto& [id, activation] : execution.activations)
    if (activation.awaiting == Awaiting::effect) awaited.insert(id);
  return awaited;
}

NextStep next_step(const Execution& execution, const RunStanding& standing) {
  if (execution.ended()) return {.kind = Kind::finish, .effects = {}, .until = {}};
  const std::set<ActivationId> awaited = awaited_effects(execution);
  const bool busy = intersects(awaited, standing.in_flight);
  if (execution.status == ExecutionStatus::suspended) {
    if (busy) return wait_until(std::nullopt, standing);
    return {.kind = Kind::rest, .effects = {}, .until = {}};
  }
  if (standing.handing_over && !busy) return {.kind = Kind::hand_over, .effects = {}, .until = {}};
  NextStep start{.kind = Kind::start_effects, .effects = {}, .until = {}};
  std::optional<Time> timer;
  bool is_due = false;
  for (const Command& command : decide(execution, standing.now)) {
    if (const auto* effect = std::get_if<StartEffect>(&command)) {
      if (!standing.in_flight.contains(effect->activation))
        start.effects.push_back(effect->activation);
    } else if (const auto* sleep = std::get_if<SleepUntil>(&command)) {
      timer = sleep->time;
    } else {
      is_due = true;
    }
  }
  if (!start.effects.empty() && !standing.handing_over) return start;
  // A timer has come due since pure work was last looked for.
  if (is_due) return {.kind = Kind::wait, .effects = {}, .until = standing.now};
  if (busy) return wait_until(timer, standing);
  if (!timer) return {.kind = Kind::stuck, .effects = {}, .until = {}};
  if (*timer - standing.now > standing.short_wait)
    return {.kind = Kind::sleep, .effects = {}, .until = timer};
  return wait_until(timer, standing);
}

}  // namespace auterity::engine
