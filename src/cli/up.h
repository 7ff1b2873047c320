#pragma once
// `auterity up`: the whole platform of an environment on this machine.
#include "cli/command.h"

namespace auterity::cli {

CommandPtr make_up_command();

}  // namespace auterity::cli
