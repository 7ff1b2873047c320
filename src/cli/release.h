#pragma once
// Packages releases and looks after those that are there.
#include "cli/command.h"

namespace auterity::cli {

CommandPtr make_release_build_command();
CommandPtr make_release_list_command();
CommandPtr make_release_prune_command();

}  // namespace auterity::cli
