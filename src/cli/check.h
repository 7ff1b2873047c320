#pragma once
// `auterity check`: the pre-deployment checklist.
#include "cli/command.h"

namespace auterity::cli {

CommandPtr make_check_command();

}  // namespace auterity::cli
