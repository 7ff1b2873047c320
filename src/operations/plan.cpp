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

// Most steps are taken back by an undo: only those that are not say so.
std::string_view undo_text(const PlannedStep& step) {
  switch (step.undo_policy) {
    case UndoPolicy::keep:
      return step.lasting ? " (stays on undo)" : "";
    case UndoPolicy::refuse:
      return " (cannot be undone)";
    case UndoPolicy::undo:
      break;
  }
  return "";
}

constexpr std::string_view kText = "text";

std::vector<PlannedChange> parse_changes(const JsonObject& document) {
  std::vector<PlannedChange> changes;
  for (const auto& [subject, value] : document) {
    PlannedChange change{subject, {}, value.is_object() ? value.get_object() : JsonObject{}};
    if (const Json* lines = change.facts.if_contains(kText); lines && lines->is_array())
      for (const Json& line : lines->get_array()) change.lines.emplace_back(string_or(&line, ""));
    change.facts.erase(kText);
    changes.push_back(std::move(change));
  }
  return changes;
}

}  // namespace

std::string_view name_of(UndoPolicy policy) {
  return std::ranges::find(kPolicies, policy, &PolicyName::policy)->name;
}

std::optional<UndoPolicy> parse_undo_policy(std::string_view name) {
  const auto found = std::ranges::find(kPolicies, name, &PolicyName::name);
  if (found == kPolicies.end()) return std::nullopt;
  return found->policy;
}

std::string changes_text(const Plan& plan) {
  std::size_t width = 0;
  for (const PlannedChange& change : plan.changes) width = std::max(width, change.subject.size());
  std::string text;
  for (const PlannedChange& change : plan.changes) {
    std::string_view subject = change.subject;
    for (const std::string& line : change.lines) {
      text += fmt::format("  {:<{}}  {}\n", subject, width, line);
      subject = "";
    }
  }
  return text;
}

std::string to_text(const Plan& plan) {
  std::string text = fmt::format("plan: {} of environment {}\n{}", plan.operation, plan.environment,
                                 changes_text(plan));
  if (plan.steps.empty()) return text + "  nothing to do\n";
  std::size_t width = 0;
  for (const PlannedStep& step : plan.steps) width = std::max(width, step.name.size());
  int number = 0;
  for (const PlannedStep& step : plan.steps)
    text += fmt::format("  {:>2}. {:<{}}  {}{}\n", ++number, step.name, width, step.description,
                        undo_text(step));
  if (!plan.satisfied.empty())
    text += fmt::format("  already there: {}\n", fmt::join(plan.satisfied, ", "));
  return text;
}

JsonObject changes_document(const Plan& plan) {
  JsonObject document;
  for (const PlannedChange& change : plan.changes) {
    JsonObject facts = change.facts;
    facts[kText] = JsonArray(change.lines.begin(), change.lines.end());
    document[change.subject] = std::move(facts);
  }
  return document;
}

JsonObject to_json(const Plan& plan) {
  JsonArray steps;
  for (const PlannedStep& step : plan.steps) {
    JsonObject document{{"name", step.name},
                        {"description", step.description},
                        {"on_undo", name_of(step.undo_policy)}};
    if (!step.lasting) document["lasting"] = false;
    steps.push_back(std::move(document));
  }
  JsonArray satisfied(plan.satisfied.begin(), plan.satisfied.end());
  JsonObject document{{"operation", plan.operation},
                      {"environment", plan.environment},
                      {"steps", std::move(steps)},
                      {"satisfied", std::move(satisfied)}};
  if (!plan.changes.empty()) document["changes"] = changes_document(plan);
  return document;
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
    const Json* lasting = find_member(step, "lasting");
    plan.steps.push_back({std::string(name),
                          std::string(string_or(find_member(step, "description"), "")), *policy,
                          lasting == nullptr || *lasting != Json(false)});
  }
  if (const Json* satisfied = find_member(value, "satisfied"); satisfied && satisfied->is_array())
    for (const Json& name : satisfied->get_array())
      plan.satisfied.emplace_back(string_or(&name, ""));
  if (const Json* changes = find_member(value, "changes"); changes && changes->is_object())
    plan.changes = parse_changes(changes->get_object());
  return plan;
}

}  // namespace auterity::operations
