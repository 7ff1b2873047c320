#include "engine/definition/build_task.h"

#include <fmt/format.h>

#include "engine/definition/build_data_flow.h"

namespace auterity::engine {
namespace {

struct Keyword {
  std::string_view name;
  TaskBody (*build)(BuildContext&, const Node&, const TaskScope&);
};
// `for` before `do`, which is a part of it.
constexpr Keyword kKeywords[] = {
    {"call", build_call}, {"for", build_for},       {"do", build_do},       {"fork", build_fork},
    {"emit", build_emit}, {"listen", build_listen}, {"raise", build_raise}, {"run", build_run},
    {"set", build_set},   {"switch", build_switch}, {"try", build_try},     {"wait", build_wait},
};

// A task without a keyword was reported by the tables; its place in the list is kept.
TaskBody build_body(BuildContext& context, const Node& node, const TaskScope& scope) {
  for (const Keyword& keyword : kKeywords)
    if (node.find(keyword.name)) return keyword.build(context, node, scope);
  return UnsupportedTask{};
}

bool has_room(BuildContext& context, const Node& node) {
  if (++context.task_count == context.limits.max_tasks + 1)
    context.problems.add(
        node, fmt::format("more than {} tasks; divide the workflow", context.limits.max_tasks));
  return context.task_count <= context.limits.max_tasks;
}

}  // namespace

TaskPtr build_task(BuildContext& context, const Node& node, std::string_view name,
                   const TaskScope& scope) {
  auto task = std::make_unique<Task>();
  task->name = name;
  task->source = &node.value();
  if (!node.is_object() || !has_room(context, node)) return task;
  task->pointer = node.pointer();
  if (!context.checking_only) task->id = context.next_id++;
  task->condition = context.compile_condition(node, "if");
  task->input = build_input(context, node);
  task->output = build_output(context, node, "output");
  task->export_to = build_output(context, node, "export");
  task->timeout = build_timeout(context, node);
  task->then = scope.build_directive(context, node, "then");
  task->body = build_body(context, node, scope);
  return task;
}

TaskList build_task_list(BuildContext& context, const Node& list, TaskScope::Kind kind) {
  TaskList tasks;
  if (!list.is_array()) return tasks;
  const TaskScope scope(context, list, kind);
  for (std::size_t i = 0; i < list.size() && !context.problems.full(); ++i) {
    const Node item = list.child(i);
    if (item.is_object() && item.size() == 1)
      tasks.push_back(build_task(context, item.child(0), item.key(0), scope));
  }
  return tasks;
}

TaskList build_task_list(BuildContext& context, const Node& parent, std::string_view name) {
  const auto list = parent.find(name);
  return list ? build_task_list(context, *list) : TaskList{};
}

}  // namespace auterity::engine
