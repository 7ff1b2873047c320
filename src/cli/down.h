#pragma once
// `auterity down`: stops the platform of an environment on this machine; its data stays.
#include "cli/command.h"

namespace auterity::cli {

CommandPtr make_down_command();

}  // namespace auterity::cli
