#pragma once
// Whether the platform changes its sizes by itself, and the loop that does it.
#include "cli/command.h"

namespace auterity::cli {

CommandPtr make_autoscale_command();

}  // namespace auterity::cli
