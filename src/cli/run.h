#pragma once
// `auterity run`: one definition, in this process, without any service.
#include "cli/command.h"

namespace auterity::cli {

CommandPtr make_run_command();

}  // namespace auterity::cli
