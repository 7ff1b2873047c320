#include "engine/execution/arguments.h"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <chrono>

#include "engine/execution/progress.h"

namespace auterity::engine {
namespace {

bool is_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

std::string_view name_at(std::string_view text, std::size_t from) {
  std::size_t end = from;
  while (end < text.size() && is_name(text[end])) ++end;
  return text.substr(from, end - from);
}

bool contains(const std::vector<std::string>& names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

// What a template's expressions refer to under one name.
Reference find_reference(const Definition& definition, const Template& what,
                         std::string_view name) {
  Reference all;
  for (const auto& [pointer, index] : what.leaves()) {
    const Expression& expression = definition.expressions->expressions()[index];
    if (!contains(expression.variables, name)) continue;
    all.used = true;
    if (contains(expression.rebound, name)) {
      all.whole = true;
      continue;
    }
    Reference one = engine::find_reference(expression.text, name);
    all.whole |= one.whole || !one.used;
    all.members.insert(all.members.end(), one.members.begin(), one.members.end());
  }
  return all;
}

bool wants(const Reference& reference, std::string_view member) {
  if (reference.whole) return true;
  for (const std::string_view used : reference.members)
    if (used == member) return true;
  return false;
}

Json describe_workflow(const Execution& execution, const Reference& reference) {
  JsonObject descriptor;
  if (wants(reference, "id")) descriptor["id"] = to_text(execution.surroundings->id);
  if (wants(reference, "definition")) descriptor["definition"] = execution.definition().source;
  if (wants(reference, "input")) descriptor["input"] = *execution.raw_input;
  if (wants(reference, "startedAt")) descriptor["startedAt"] = describe_time(execution.started_at);
  return descriptor;
}

Json describe_task(const Activation& activation, const Reference& reference) {
  JsonObject descriptor;
  const Task& task = *activation.task;
  if (wants(reference, "name")) descriptor["name"] = task.name;
  if (wants(reference, "reference")) descriptor["reference"] = task.pointer;
  if (wants(reference, "definition") && task.source) descriptor["definition"] = *task.source;
  if (wants(reference, "input")) descriptor["input"] = *activation.raw_input;
  if (wants(reference, "output") && activation.raw_output)
    descriptor["output"] = *activation.raw_output;
  if (wants(reference, "startedAt")) descriptor["startedAt"] = describe_time(activation.started_at);
  return descriptor;
}

Json describe_runtime(const Execution& execution) {
  return JsonObject{{"name", "auterity"},
                    {"version", execution.surroundings->runtime_version},
                    {"metadata", JsonObject{}}};
}

std::expected<Json, WorkflowError> bind_secrets(const Execution& execution,
                                                const Activation& activation,
                                                const Reference& reference) {
  const JsonObject& secrets = execution.surroundings->secrets;
  if (reference.whole) {
    for (const std::string& declared : execution.definition().secrets)
      if (!secrets.contains(declared))
        return std::unexpected(missing_secret(declared, instance_of(activation)));
    return Json(secrets);
  }
  JsonObject bound;
  for (const std::string_view member : reference.members) {
    const Json* value = secrets.if_contains(member);
    if (value == nullptr) return std::unexpected(missing_secret(member, instance_of(activation)));
    bound[member] = *value;
  }
  return Json(std::move(bound));
}

// The availability matrix: which data arguments exist where.
struct Availability {
  bool context, input, output, task, authorization;
};

Availability availability(const Activation& activation) {
  const bool task = activation.task != nullptr;
  switch (activation.phase) {
    case Phase::condition:
    case Phase::input_schema:
    case Phase::input_from:
      return {
          .context = task, .input = false, .output = false, .task = task, .authorization = false};
    case Phase::timeout:
    case Phase::body:
      return {.context = true, .input = true, .output = false, .task = task, .authorization = task};
    case Phase::output_as:
    case Phase::output_schema:
      return {.context = true, .input = task, .output = false, .task = task, .authorization = task};
    case Phase::export_as:
    case Phase::export_schema:
      return {.context = true, .input = true, .output = true, .task = task, .authorization = task};
  }
  return {};
}

// Variables of loops and catches around the activation; the innermost of a name wins.
JsonObject bind_locals(const Execution& execution, const Activation& activation,
                       const Template& what) {
  JsonObject locals;
  for (const Activation* at = &activation; at != nullptr;
       at = find_activation(execution, at->parent)) {
    if (!at->locals) continue;
    for (const auto& [name, value] : at->locals->get_object())
      if (!locals.contains(name) && find_reference(execution.definition(), what, name).used)
        locals[name] = value;
  }
  return locals;
}

}  // namespace

Reference find_reference(std::string_view text, std::string_view name) {
  Reference found;
  for (std::size_t at = text.find('$'); at != std::string_view::npos; at = text.find('$', at + 1)) {
    const std::string_view word = name_at(text, at + 1);
    if (word.empty()) {  // jq allows "$ name": too rare to look closer
      found.used = found.whole = true;
      continue;
    }
    if (word != name) continue;
    found.used = true;
    const std::size_t after = at + 1 + word.size();
    const bool by_member = after + 1 < text.size() && text[after] == '.';
    const std::string_view member = by_member ? name_at(text, after + 1) : std::string_view{};
    if (member.empty())
      found.whole = true;
    else
      found.members.push_back(member);
  }
  return found;
}

Json describe_time(Time time) {
  const std::int64_t microseconds = to_epoch_microseconds(time);
  return JsonObject{{"iso8601", to_rfc3339(time)},
                    {"epoch", JsonObject{{"seconds", microseconds / 1'000'000},
                                         {"milliseconds", microseconds / 1'000}}}};
}

std::expected<Arguments, WorkflowError> bind_arguments(const Execution& execution,
                                                       const Activation& activation,
                                                       const Template& what) {
  Arguments arguments;
  if (what.is_literal()) return arguments;
  const Definition& definition = execution.definition();
  const auto reference = [&](std::string_view name) {
    return find_reference(definition, what, name);
  };
  const Availability has = availability(activation);
  if (has.context && reference("context").used) arguments.context = *execution.context;
  if (has.input && activation.input && reference("input").used) arguments.input = *activation.input;
  if (has.output && activation.output && reference("output").used)
    arguments.output = *activation.output;
  if (has.authorization && activation.authorization && reference("authorization").used)
    arguments.authorization = *activation.authorization;
  if (const Reference used = reference("secrets"); used.used) {
    auto secrets = bind_secrets(execution, activation, used);
    if (!secrets) return std::unexpected(std::move(secrets).error());
    arguments.secrets = std::move(*secrets);
  }
  if (const Reference used = reference("task"); has.task && used.used)
    arguments.task = describe_task(activation, used);
  if (const Reference used = reference("workflow"); used.used)
    arguments.workflow = describe_workflow(execution, used);
  if (reference("runtime").used) arguments.runtime = describe_runtime(execution);
  arguments.locals = bind_locals(execution, activation, what);
  arguments.now = activation.moment;
  return arguments;
}

}  // namespace auterity::engine
