#pragma once
// Builders of what all tasks and the workflow itself share: input, output, export, schemas and
// timeouts.
#include "engine/definition/build_context.h"

namespace auterity::engine {

InputModel build_input(BuildContext& context, const Node& owner);
// `name` is "output" or "export".
OutputModel build_output(BuildContext& context, const Node& owner, std::string_view name);
// `timeout` of a task or workflow: written out, or the name of one in use.timeouts.
std::optional<DurationValue> build_timeout(BuildContext& context, const Node& owner);

}  // namespace auterity::engine
