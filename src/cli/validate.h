#pragma once
// `auterity validate`: what is wrong with definitions, without running them.
#include "cli/command.h"

namespace auterity::cli {

CommandPtr make_validate_command();

}  // namespace auterity::cli
