#pragma once
// `auterity recover`.
#include "cli/command.h"

namespace auterity::cli {

CommandPtr make_recover_command();

}  // namespace auterity::cli
