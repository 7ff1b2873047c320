#pragma once
// `auterity status`: what of the platform runs on this machine, and how well.
#include "cli/command.h"

namespace auterity::cli {

CommandPtr make_status_command();

}  // namespace auterity::cli
