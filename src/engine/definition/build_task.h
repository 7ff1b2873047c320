#pragma once
// Builders of tasks: lists, what all tasks share, and one function a keyword.
#include "engine/definition/build_context.h"
#include "engine/definition/task_scope.h"

namespace auterity::engine {

TaskList build_task_list(BuildContext& context, const Node& list,
                         TaskScope::Kind kind = TaskScope::Kind::sequence);
// Member `name` of `parent` as a task list; empty when it is not there.
TaskList build_task_list(BuildContext& context, const Node& parent, std::string_view name);

// One task; `scope` is the list it stands in.
TaskPtr build_task(BuildContext& context, const Node& node, std::string_view name,
                   const TaskScope& scope);

// The body of one keyword (build_control.cpp, build_try.cpp, build_call.cpp,
// build_unsupported.cpp).
TaskBody build_do(BuildContext& context, const Node& task, const TaskScope& scope);
TaskBody build_for(BuildContext& context, const Node& task, const TaskScope& scope);
TaskBody build_fork(BuildContext& context, const Node& task, const TaskScope& scope);
TaskBody build_switch(BuildContext& context, const Node& task, const TaskScope& scope);
TaskBody build_set(BuildContext& context, const Node& task, const TaskScope& scope);
TaskBody build_wait(BuildContext& context, const Node& task, const TaskScope& scope);
TaskBody build_emit(BuildContext& context, const Node& task, const TaskScope& scope);
TaskBody build_raise(BuildContext& context, const Node& task, const TaskScope& scope);
TaskBody build_try(BuildContext& context, const Node& task, const TaskScope& scope);
TaskBody build_call(BuildContext& context, const Node& task, const TaskScope& scope);
TaskBody build_listen(BuildContext& context, const Node& task, const TaskScope& scope);
TaskBody build_run(BuildContext& context, const Node& task, const TaskScope& scope);

// Parts that are also checked where they are reusable (build_use.cpp).
std::optional<RetryPolicy> build_retry_policy(BuildContext& context, const Node& policy);
// `on` of a schedule and `to` of a listen task; nothing runs them yet.
void check_event_consumption(BuildContext& context, const Node& strategy);

}  // namespace auterity::engine
