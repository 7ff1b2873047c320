#include "engine/definition/task_scope.h"

#include <fmt/format.h>

#include "engine/definition/suggestion.h"

namespace auterity::engine {
namespace {

constexpr std::size_t kLongestName = 255;

}  // namespace

TaskScope::TaskScope(BuildContext& context, const Node& list, Kind kind) : kind_(kind) {
  for (std::size_t i = 0; list.is_array() && i < list.size(); ++i) {
    const Node item = list.child(i);
    // Kept at its place even when malformed, so that the indices of the others are right.
    names_.push_back(item.is_object() && item.size() == 1 ? item.key(0) : std::string_view());
    const std::string_view name = names_.back();
    if (!item.is_object() || item.size() != 1) continue;
    if (name.empty())
      context.problems.add(item.child(0), "a task needs a name; write one before ':'");
    if (name.size() > kLongestName)
      context.problems.add(item.child(0), fmt::format("a task's name has at most {} bytes; shorten "
                                                      "it",
                                                      kLongestName));
    const auto [earlier, is_new] = index_.emplace(name, i);
    if (!is_new)
      context.problems.add(item.child(0),
                           fmt::format("the task {} is in this list twice (first on line {}); "
                                       "rename one of them",
                                       quoted(name), list.child(earlier->second).child(0).line()));
  }
}

std::optional<FlowDirective> TaskScope::find_directive(BuildContext& context, const Node& parent,
                                                       std::string_view name) const {
  const auto directive = parent.find_text(name);
  if (!directive) return std::nullopt;
  const std::string_view text = directive->text();
  if (text == "continue") return FlowDirective{FlowDirective::Kind::next};
  if (text == "exit") return FlowDirective{FlowDirective::Kind::exit};
  if (text == "end") return FlowDirective{FlowDirective::Kind::end};
  const auto found = index_.find(text);
  if (kind_ == Kind::branches && found != index_.end()) {
    context.problems.add(*directive,
                         "branches run side by side, so none can follow another; put "
                         "tasks that follow each other into one 'do'");
  } else if (found != index_.end()) {
    return FlowDirective{FlowDirective::Kind::go_to, found->second};
  } else if (!text.empty()) {
    std::vector<std::string_view> known = {"continue", "exit", "end"};
    for (const std::string_view task : names_)
      if (kind_ == Kind::sequence && !task.empty()) known.push_back(task);
    context.problems.add(*directive, fmt::format("there is no task {} in this list{}", quoted(text),
                                                 suggestion(text, known, "possible are")));
  }
  return FlowDirective{};
}

FlowDirective TaskScope::build_directive(BuildContext& context, const Node& parent,
                                         std::string_view name) const {
  return find_directive(context, parent, name).value_or(FlowDirective{});
}

}  // namespace auterity::engine
