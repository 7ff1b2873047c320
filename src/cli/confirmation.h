#pragma once
// The question before something that cannot be taken back or that touches production.
#include <string_view>

#include "cli/command.h"

namespace auterity::cli {

// Passes at once for --yes and for environments that are not of class production; else asks, on the
// terminal, for the environment's name to be typed. `what` completes "this will …". Errors:
// cancelled when something else was typed, invalid_input without a terminal to ask on.
Status confirm(World& world, const CommonOptions& common, bool is_production,
               std::string_view what);

// Reads a line without showing it; for passwords. Without a terminal: the first line of standard
// input.
Result<std::string> read_hidden_line(World& world, std::string_view question);

}  // namespace auterity::cli
