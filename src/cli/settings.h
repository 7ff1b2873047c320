#pragma once
// `auterity settings`: every setting with its value and where that comes from, secrets hidden.
#include "cli/command.h"

namespace auterity::cli {

CommandPtr make_settings_command();

}  // namespace auterity::cli
