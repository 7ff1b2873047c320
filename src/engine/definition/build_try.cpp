// Builder of try, catch and retry policies.
#include "engine/definition/build_task.h"
#include "engine/definition/references.h"

namespace auterity::engine {
namespace {

RetryPolicy::Backoff backoff_of(const Node& policy) {
  const auto backoff = policy.find("backoff");
  if (backoff && backoff->find("exponential")) return RetryPolicy::Backoff::exponential;
  if (backoff && backoff->find("linear")) return RetryPolicy::Backoff::linear;
  return RetryPolicy::Backoff::constant;
}

void build_limit(BuildContext& context, const Node& policy, RetryPolicy& result) {
  const auto limit = policy.find("limit");
  if (!limit) return;
  result.total_timeout = context.build_duration_member(*limit, "duration");
  const auto attempt = limit->find("attempt");
  if (!attempt) return;
  result.attempt_timeout = context.build_duration_member(*attempt, "duration");
  const auto count = attempt->find("count");
  if (count && count->value().is_int64()) result.max_attempts = count->value().get_int64();
}

void build_jitter(BuildContext& context, const Node& policy, RetryPolicy& result) {
  const auto jitter = policy.find("jitter");
  if (!jitter) return;
  result.jitter_from = context.build_duration_member(*jitter, "from");
  result.jitter_to = context.build_duration_member(*jitter, "to");
  if (!result.jitter_from || !result.jitter_to) return;
  const auto* from = std::get_if<Duration>(&result.jitter_from->value);
  const auto* to = std::get_if<Duration>(&result.jitter_to->value);
  if (from != nullptr && to != nullptr && *from > *to)
    context.problems.add(*jitter, "'from' is longer than 'to'; exchange them");
}

CatchClause build_catch(BuildContext& context, const Node& node, const TaskScope& scope) {
  CatchClause clause;
  if (const auto errors = node.find("errors"))
    if (const auto with = errors->find("with")) clause.with = with->value();
  if (const auto as = node.find_text("as")) clause.as = as->text();
  clause.when = context.compile_condition(node, "when");
  clause.except_when = context.compile_condition(node, "exceptWhen");
  auto retry = node.find("retry");
  if (retry && retry->is_string()) retry = resolve_reference(context, *retry, "retries");
  if (retry) clause.retry = build_retry_policy(context, *retry);
  clause.tasks = build_task_list(context, node, "do");
  clause.then = scope.find_directive(context, node, "then");
  return clause;
}

}  // namespace

std::optional<RetryPolicy> build_retry_policy(BuildContext& context, const Node& policy) {
  if (!policy.is_object()) return std::nullopt;
  RetryPolicy result;
  result.backoff = backoff_of(policy);
  result.when = context.compile_condition(policy, "when");
  result.except_when = context.compile_condition(policy, "exceptWhen");
  result.delay = context.build_duration_member(policy, "delay");
  build_limit(context, policy, result);
  build_jitter(context, policy, result);
  return result;
}

TaskBody build_try(BuildContext& context, const Node& task, const TaskScope& scope) {
  TryTask result;
  result.tasks = build_task_list(context, task, "try");
  if (const auto node = task.find("catch"); node && node->is_object())
    result.catch_clause = build_catch(context, *node, scope);
  return result;
}

}  // namespace auterity::engine
