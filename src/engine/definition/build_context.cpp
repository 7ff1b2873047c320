#include "engine/definition/build_context.h"

#include <fmt/format.h>

#include "engine/definition/duration.h"
#include "engine/definition/text_checks.h"

namespace auterity::engine {

Template BuildContext::compile(const Node& node, bool bare) {
  const bool is_bare = bare && node.is_string();
  auto compiled = compile_template(node.value(), mode, is_bare, *expressions, node.pointer());
  if (compiled) return std::move(*compiled);
  if (problems.full()) return {};
  for (const TemplateProblem& problem : find_template_problems(node.value(), mode, is_bare))
    problems.add(node.descend(problem.pointer),
                 problem.hint.empty() ? problem.message
                                      : fmt::format("{}; {}", problem.message, problem.hint));
  return {};
}

std::optional<Template> BuildContext::compile_condition(const Node& parent, std::string_view name) {
  const auto member = parent.find_text(name);
  if (!member) return std::nullopt;
  return compile(*member, true);
}

std::optional<Template> BuildContext::compile_member(const Node& parent, std::string_view name) {
  const auto member = parent.find(name);
  if (!member) return std::nullopt;
  return compile(*member, true);
}

DurationValue BuildContext::build_duration(const Node& node) {
  if (node.is_string() && is_runtime_expression(node.text())) return {compile(node, false)};
  const auto literal = to_duration(node.value());
  return {literal ? *literal : Duration::zero()};
}

std::optional<DurationValue> BuildContext::build_duration_member(const Node& parent,
                                                                 std::string_view name) {
  const auto member = parent.find(name);
  if (!member) return std::nullopt;
  return build_duration(*member);
}

void BuildContext::mark_unsupported(const Node& node, std::string feature) {
  if (!checking_only) unsupported.push_back({node.pointer(), std::move(feature)});
}

CheckingOnly::CheckingOnly(BuildContext& context)
    : context_(context),
      expressions_(std::exchange(context.expressions, std::make_shared<ExpressionSet>())),
      checking_only_(std::exchange(context.checking_only, true)) {}

CheckingOnly::~CheckingOnly() {
  context_.expressions = std::move(expressions_);
  context_.checking_only = checking_only_;
}

}  // namespace auterity::engine
