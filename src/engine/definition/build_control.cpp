// Builders of the tasks that this process carries out itself.
#include <fmt/format.h>

#include <boost/json/array.hpp>

#include "engine/definition/build_task.h"
#include "engine/definition/references.h"
#include "engine/definition/text_checks.h"

namespace auterity::engine {
namespace {

std::string text_or(const Node& node, std::string_view name, std::string_view fallback) {
  const auto member = node.find_text(name);
  return std::string(member ? member->text() : fallback);
}

SwitchCase build_case(BuildContext& context, const Node& node, std::string_view name,
                      const TaskScope& scope) {
  return {std::string(name), context.compile_condition(node, "when"),
          scope.build_directive(context, node, "then")};
}

}  // namespace

TaskBody build_do(BuildContext& context, const Node& task, const TaskScope&) {
  return DoTask{build_task_list(context, task, "do")};
}

TaskBody build_for(BuildContext& context, const Node& task, const TaskScope&) {
  ForTask result;
  const Node clause = *task.find("for");
  result.each = text_or(clause, "each", "item");
  result.at = text_or(clause, "at", "index");
  if (result.each == result.at)
    context.problems.add(clause, fmt::format("'each' and 'at' are both {}; rename one of them",
                                             quoted(result.each)));
  if (const auto in = clause.find("in")) result.in = context.compile(*in, true);
  result.while_condition = context.compile_condition(task, "while");
  result.tasks = build_task_list(context, task, "do");
  return result;
}

TaskBody build_fork(BuildContext& context, const Node& task, const TaskScope&) {
  ForkTask result;
  const Node clause = *task.find("fork");
  const auto compete = clause.find("compete");
  result.compete = compete && compete->value().is_bool() && compete->value().get_bool();
  if (const auto branches = clause.find("branches"))
    result.branches = build_task_list(context, *branches, TaskScope::Kind::branches);
  return result;
}

TaskBody build_switch(BuildContext& context, const Node& task, const TaskScope& scope) {
  SwitchTask result;
  const Node cases = *task.find("switch");
  std::optional<Node> default_case;
  for (std::size_t i = 0; cases.is_array() && i < cases.size(); ++i) {
    const Node item = cases.child(i);
    if (!item.is_object() || item.size() != 1 || !item.child(0).is_object()) continue;
    const Node node = item.child(0);
    result.cases.push_back(build_case(context, node, item.key(0), scope));
    if (node.find("when")) continue;
    if (default_case)
      context.problems.add(node, fmt::format("a switch has one default case at most, and line {} "
                                             "has one without 'when' already; add 'when'",
                                             default_case->line()));
    else
      default_case = node;
  }
  return result;
}

TaskBody build_set(BuildContext& context, const Node& task, const TaskScope&) {
  const Node value = *task.find("set");
  if (value.is_string() && context.mode == ExpressionMode::strict &&
      !is_runtime_expression(value.text()))
    context.problems.add(value,
                         "'set' takes a map or an expression; write for example set: "
                         "'${ .order }'");
  return SetTask{context.compile(value, false)};
}

TaskBody build_wait(BuildContext& context, const Node& task, const TaskScope&) {
  return WaitTask{context.build_duration(*task.find("wait"))};
}

TaskBody build_emit(BuildContext& context, const Node& task, const TaskScope&) {
  const auto event = task.find("emit")->find("event");
  const auto attributes = event ? event->find("with") : std::nullopt;
  return EmitTask{attributes ? context.compile(*attributes, false) : Template()};
}

TaskBody build_raise(BuildContext& context, const Node& task, const TaskScope&) {
  auto error = task.find("raise")->find("error");
  if (error && error->is_string()) error = resolve_reference(context, *error, "errors");
  return RaiseTask{{error ? context.compile(*error, false) : Template()}};
}

}  // namespace auterity::engine
