#pragma once
// Changes how many processes the platform has.
#include "cli/command.h"

namespace auterity::cli {

CommandPtr make_scale_command();

}  // namespace auterity::cli
