#include "engine/definition/build_definition.h"

#include <fmt/format.h>

#include "engine/definition/build_authentication.h"
#include "engine/definition/build_data_flow.h"
#include "engine/definition/build_task.h"
#include "engine/definition/duration.h"

namespace auterity::engine {
namespace {

std::string text_of(const Node& node, std::string_view name) {
  const auto member = node.find_text(name);
  return member ? std::string(member->text()) : std::string();
}

void build_document(const Node& root, Definition& definition) {
  const auto document = root.find("document");
  if (!document) return;
  definition.dsl = text_of(*document, "dsl");
  definition.name_space = text_of(*document, "namespace");
  definition.name = text_of(*document, "name");
  definition.version = text_of(*document, "version");
  definition.title = text_of(*document, "title");
  definition.summary = text_of(*document, "summary");
  if (const auto tags = document->find("tags")) definition.tags = tags->value();
  if (const auto metadata = document->find("metadata")) definition.metadata = metadata->value();
}

// Calls `check` for each member of use.<kind>.
void for_each_reusable(const Node& use, std::string_view kind, auto check) {
  const auto part = use.find(kind);
  for (std::size_t i = 0; part && part->is_object() && i < part->size(); ++i)
    check(part->key(i), part->child(i));
}

void check_extensions(BuildContext& context, const Node& extensions) {
  for (std::size_t i = 0; extensions.is_array() && i < extensions.size(); ++i) {
    const Node item = extensions.child(i);
    if (!item.is_object() || item.size() != 1) continue;
    const Node extension = item.child(0);
    context.mark_unsupported(extension, "extension");
    const CheckingOnly checking(context);
    context.compile_condition(extension, "when");
    build_task_list(context, extension, "before");
    build_task_list(context, extension, "after");
  }
}

// Reusable parts are built where they are used; here each is checked once, used or not.
void check_use(BuildContext& context, const Node& use) {
  if (const auto extensions = use.find("extensions")) check_extensions(context, *extensions);
  const CheckingOnly checking(context);
  for_each_reusable(use, "authentications", [&](std::string_view, const Node& policy) {
    build_authentication(context, policy);
  });
  for_each_reusable(use, "errors",
                    [&](std::string_view, const Node& error) { context.compile(error, false); });
  for_each_reusable(use, "retries", [&](std::string_view, const Node& policy) {
    build_retry_policy(context, policy);
  });
  for_each_reusable(use, "timeouts", [&](std::string_view, const Node& timeout) {
    context.build_duration_member(timeout, "after");
  });
  for_each_reusable(use, "functions", [&](std::string_view name, const Node& function) {
    // A function stands in no list: its `then` can name no task.
    const TaskScope no_tasks(context, function);
    build_task(context, function, name, no_tasks);
  });
}

void build_secrets(const Node& use, Definition& definition) {
  const auto secrets = use.find("secrets");
  for (std::size_t i = 0; secrets && secrets->is_array() && i < secrets->size(); ++i)
    if (secrets->child(i).is_string()) definition.secrets.emplace_back(secrets->child(i).text());
}

// There is no data yet that an expression could be evaluated on.
std::optional<Duration> build_interval(BuildContext& context, const Node& schedule,
                                       std::string_view name) {
  const auto node = schedule.find(name);
  if (!node) return std::nullopt;
  const DurationValue value = context.build_duration(*node);
  const auto* literal = std::get_if<Duration>(&value.value);
  if (literal == nullptr) {
    context.problems.add(*node,
                         "a schedule takes a fixed duration, not an expression; write for "
                         "example PT1H");
    return std::nullopt;
  }
  if (*literal == Duration::zero() && name == "every" && to_duration(node->value()))
    context.problems.add(*node, "the interval must be longer than zero; write for example PT1H");
  return *literal;
}

std::optional<Schedule> build_schedule(BuildContext& context, const Node& root) {
  const auto node = root.find("schedule");
  if (!node || !node->is_object()) return std::nullopt;
  Schedule schedule;
  schedule.every = build_interval(context, *node, "every");
  schedule.after = build_interval(context, *node, "after");
  if (const auto cron = node->find_text("cron")) schedule.cron = cron->text();
  if (const auto events = node->find("on")) {
    context.mark_unsupported(*events, "schedule: on");
    const CheckingOnly checking(context);
    check_event_consumption(context, *events);
  }
  return schedule;
}

ExpressionMode mode_of(const Node& root) {
  const auto evaluate = root.find("evaluate");
  const auto mode = evaluate ? evaluate->find_text("mode") : std::nullopt;
  return mode && mode->text() == "loose" ? ExpressionMode::loose : ExpressionMode::strict;
}

// Lists of tasks inside a task, in document order.
std::vector<const TaskList*> lists_of(const Task& task) {
  if (const auto* body = std::get_if<DoTask>(&task.body)) return {&body->tasks};
  if (const auto* body = std::get_if<ForTask>(&task.body)) return {&body->tasks};
  if (const auto* body = std::get_if<ForkTask>(&task.body)) return {&body->branches};
  if (const auto* body = std::get_if<TryTask>(&task.body))
    return {&body->tasks, &body->catch_clause.tasks};
  return {};
}

// Their ids were given in this order.
void index_tasks(const TaskList& tasks, Definition& definition) {
  for (const TaskPtr& task : tasks) {
    definition.by_id.push_back(task.get());
    definition.by_pointer.emplace(task->pointer, task.get());
    for (const TaskList* list : lists_of(*task)) index_tasks(*list, definition);
  }
}

}  // namespace

void build_definition(BuildContext& context, Definition& definition) {
  const Node root = context.root;
  context.mode = mode_of(root);
  build_document(root, definition);
  definition.input = build_input(context, root);
  definition.output = build_output(context, root, "output");
  definition.timeout = build_timeout(context, root);
  definition.schedule = build_schedule(context, root);
  if (const auto use = root.find("use")) {
    check_use(context, *use);
    build_secrets(*use, definition);
  }
  definition.tasks = build_task_list(context, root, "do");
  if (!context.problems.empty()) return;
  index_tasks(definition.tasks, definition);
  definition.unsupported = std::move(context.unsupported);
  context.expressions->seal();
  definition.expressions = std::move(context.expressions);
}

}  // namespace auterity::engine
