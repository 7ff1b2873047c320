#pragma once
// `auterity execute`: publishes a definition on the platform of an environment on this machine and
// executes it there, durably.
#include "cli/command.h"

namespace auterity::cli {

CommandPtr make_execute_command();

}  // namespace auterity::cli
