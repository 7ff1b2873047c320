#include "operations/plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>

namespace auterity::operations {
namespace {

struct PolicyName {
  UndoPolicy policy;
  std::string_view name;
};
constexpr std::array kPolicies{PolicyName{UndoPolicy::undo, "undo"},
                               PolicyName{UndoPolicy::keep, "keep"},
                               PolicyName{UndoPolicy::refuse, "refuse"}};

}  // namespace

std::string_view name_of(UndoPolicy policy) {
  return std::ranges::find(kPolicies, policy, &PolicyName::policy)->name;
}

std::optional<UndoPolicy> parse_undo_policy(std::string_view name) {
  const auto found = std::ranges::find(kPolicies, name, &PolicyName::name);
  if (found == kPolicies.end()) return std::nullopt;
  return found->policy;
}

std::string to_text(const Plan& plan) {
  std::string text = fmt::format("plan: {} of environment {}\n", plan.operation, plan.environment);
  if (plan.steps.empty()) return text + "  nothing to do\n";
  std::size_t width = 0;
  for (const PlannedStep& step : plan.steps) width = std::max(width, step.name.size());
  int number = 0;
  for (const PlannedStep& step : plan.steps)
    text += fmt::format("  {:>2}. {:<{}}  {} (on undo: {})\n", ++number, step.name, width,
                        step.description, name_of(step.undo_policy));
  if (!plan.satisfied.empty())
    text += fmt::format("  already there: {}\n", fmt::join(plan.satisfied, ", "));
  return text;
}

JsonObject to_json(const Plan& plan) {
  JsonArray steps;
  for (const PlannedStep& step : plan.steps)
    steps.push_back(JsonObject{{"name", step.name},
                               {"description", step.description},
                               {"on_undo", name_of(step.undo_policy)}});
  JsonArray satisfied(plan.satisfied.begin(), plan.satisfied.end());
  return {{"operation", plan.operation},
          {"environment", plan.environment},
          {"steps", std::move(steps)},
          {"satisfied", std::move(satisfied)}};
}

Result<Plan> parse_plan(const Json& value) {
  const auto malformed = [] {
    return fail(ErrorKind::invalid_input, "the journal holds a plan that cannot be read",
                "it was written by another version of auterity; use that version to go on");
  };
  const Json* steps = find_member(value, "steps");
  if (steps == nullptr || !steps->is_array()) return malformed();
  Plan plan;
  plan.operation = string_or(find_member(value, "operation"), "");
  plan.environment = string_or(find_member(value, "environment"), "");
  for (const Json& step : steps->get_array()) {
    const auto policy = parse_undo_policy(string_or(find_member(step, "on_undo"), ""));
    const std::string_view name = string_or(find_member(step, "name"), "");
    if (!policy || name.empty()) return malformed();
    plan.steps.push_back(
        {std::string(name), std::string(string_or(find_member(step, "description"), "")), *policy});
  }
  if (const Json* satisfied = find_member(value, "satisfied"); satisfied && satisfied->is_array())
    for (const Json& name : satisfied->get_array())
      plan.satisfied.emplace_back(string_or(&name, ""));
  return plan;
}

}  // namespace auterity::operations
