#pragma once
// Documents named on the command line: a path, or "-" for standard input.
#include <string>
#include <string_view>

#include "cli/world.h"
#include "core/error.h"
#include "core/json.h"

namespace auterity::cli {

// The text of FILE. not_found, forbidden, too_large with a hint.
Result<std::string> read_document(World& world, const std::string& file);

// A JSON value as options take it: the value itself, or "@FILE", or "@-" for standard input; a file
// whose name ends in .yaml or .yml is read as YAML. `what` names the option in errors, which never
// hold the value.
Result<Json> read_value(World& world, std::string_view text, std::string_view what);

}  // namespace auterity::cli
