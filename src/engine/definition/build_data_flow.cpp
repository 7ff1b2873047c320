#include "engine/definition/build_data_flow.h"

#include <fmt/format.h>

#include "engine/definition/build_authentication.h"
#include "engine/definition/references.h"
#include "engine/expression/json_schema.h"

namespace auterity::engine {
namespace {

std::optional<Template> build_resource(BuildContext& context, const Node& resource) {
  const auto endpoint = resource.find("endpoint");
  if (!endpoint) return std::nullopt;
  if (endpoint->is_string()) return context.compile(*endpoint, false);
  if (const auto authentication = endpoint->find("authentication")) {
    context.mark_unsupported(*authentication, "authentication of a schema resource");
    const CheckingOnly checking(context);
    build_authentication(context, *authentication);
  }
  const auto uri = endpoint->find_text("uri");
  return uri ? std::optional(context.compile(*uri, false)) : std::nullopt;
}

bool is_json(const Schema& schema) {
  return schema.format == "json" || schema.format.starts_with("json:");
}

void check_json_schema(BuildContext& context, const Node& document) {
  for (SchemaProblem& problem : find_schema_problems(document.value())) {
    if (context.problems.full()) return;
    context.problems.add(document.descend(problem.pointer), std::move(problem.message));
  }
}

std::optional<Schema> build_schema(BuildContext& context, const Node& model) {
  const auto node = model.find("schema");
  if (!node || !node->is_object()) return std::nullopt;
  Schema schema{.format = "json"};
  if (const auto format = node->find_text("format")) {
    schema.format = format->text();
    if (!is_json(schema))
      context.mark_unsupported(*format, fmt::format("schema format: {}", schema.format));
  }
  if (const auto document = node->find("document")) {
    schema.document = document->value();
    if (is_json(schema)) check_json_schema(context, *document);
  }
  if (const auto resource = node->find("resource"))
    schema.resource_uri = build_resource(context, *resource);
  return schema;
}

}  // namespace

InputModel build_input(BuildContext& context, const Node& owner) {
  const auto model = owner.find("input");
  if (!model || !model->is_object()) return {};
  return {build_schema(context, *model), context.compile_member(*model, "from")};
}

OutputModel build_output(BuildContext& context, const Node& owner, std::string_view name) {
  const auto model = owner.find(name);
  if (!model || !model->is_object()) return {};
  return {build_schema(context, *model), context.compile_member(*model, "as")};
}

std::optional<DurationValue> build_timeout(BuildContext& context, const Node& owner) {
  auto timeout = owner.find("timeout");
  if (timeout && timeout->is_string()) timeout = resolve_reference(context, *timeout, "timeouts");
  if (!timeout) return std::nullopt;
  return context.build_duration_member(*timeout, "after");
}

}  // namespace auterity::engine
