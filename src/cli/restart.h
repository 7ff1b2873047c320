#pragma once
// Starts components of the platform anew.
#include "cli/command.h"

namespace auterity::cli {

CommandPtr make_restart_command();

}  // namespace auterity::cli
