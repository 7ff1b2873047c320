#pragma once
// `auterity ship-log`: the process that archives the database's log while it is written.
#include "cli/command.h"

namespace auterity::cli {

CommandPtr make_ship_log_command();

}  // namespace auterity::cli
