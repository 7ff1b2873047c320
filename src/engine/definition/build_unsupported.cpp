// Keywords that this build checks and does not run: listen and run.
#include <fmt/format.h>

#include "engine/definition/build_data_flow.h"
#include "engine/definition/build_task.h"

namespace auterity::engine {
namespace {

void check_filter(BuildContext& context, const Node& filter) {
  if (const auto with = filter.find("with")) context.compile(*with, false);
  const auto correlate = filter.find("correlate");
  for (std::size_t i = 0; correlate && correlate->is_object() && i < correlate->size(); ++i) {
    context.compile_condition(correlate->child(i), "from");
    if (const auto expect = correlate->child(i).find_text("expect"))
      context.compile(*expect, false);
  }
}

}  // namespace

void check_event_consumption(BuildContext& context, const Node& strategy) {
  if (!strategy.is_object()) return;
  for (const std::string_view name : {"all", "any"}) {
    const auto filters = strategy.find(name);
    for (std::size_t i = 0; filters && filters->is_array() && i < filters->size(); ++i)
      check_filter(context, filters->child(i));
  }
  if (const auto one = strategy.find("one")) check_filter(context, *one);
  const auto until = strategy.find("until");
  if (!until) return;
  if (until->is_string())
    context.compile(*until, true);
  else
    check_event_consumption(context, *until);
}

TaskBody build_listen(BuildContext& context, const Node& task, const TaskScope&) {
  context.mark_unsupported(task, "listen");
  const CheckingOnly checking(context);
  if (const auto to = task.find("listen")->find("to")) check_event_consumption(context, *to);
  if (const auto iterator = task.find("foreach")) {
    build_task_list(context, *iterator, "do");
    build_output(context, *iterator, "output");
    build_output(context, *iterator, "export");
  }
  return UnsupportedTask{"listen"};
}

TaskBody build_run(BuildContext& context, const Node& task, const TaskScope&) {
  const Node run = *task.find("run");
  std::string keyword = "run";
  for (const std::string_view process : {"container", "script", "shell", "workflow"})
    if (run.find(process)) keyword = fmt::format("run: {}", process);
  context.mark_unsupported(task, keyword);
  const CheckingOnly checking(context);
  context.compile(run, false);
  return UnsupportedTask{keyword};
}

}  // namespace auterity::engine
