#pragma once
// The list of all commands: the only place that knows them.
#include "cli/command.h"

namespace auterity::cli {

// In the order in which the list of commands shows them within their group.
CommandList all_commands();

}  // namespace auterity::cli
