#pragma once
// Documents named on the command line: a path, or "-" for standard input.
#include <string>
#include <string_view>
#include <vector>

#include "cli/world.h"
#include "core/async.h"
#include "core/error.h"
#include "core/json.h"
#include "engine/definition/parser.h"
#include "engine/expression/evaluator.h"

namespace auterity::cli {

// The text of FILE. not_found, forbidden, too_large with a hint.
Result<std::string> read_document(World& world, const std::string& file);

struct CheckedDefinition {
  engine::DefinitionPtr definition;       // null when it cannot even be read
  std::vector<engine::Problem> problems;  // in document order; empty: it is valid
};
// Everything that can be found out without running: the document, then its jq programs. Opens no
// connection. An error only when the jq programs could not be checked.
Async<Result<CheckedDefinition>> check_definition(engine::Evaluator& evaluator, std::string text);

// A JSON value as options take it: the value itself, or "@FILE", or "@-" for standard input; a file
// whose name ends in .yaml or .yml is read as YAML. `what` names the option in errors, which never
// hold the value.
Result<Json> read_value(World& world, std::string_view text, std::string_view what);

}  // namespace auterity::cli
