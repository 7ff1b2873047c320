#pragma once
// `auterity serve`: the API role, configured by environment variables alone.
#include "cli/command.h"

namespace auterity::cli {

CommandPtr make_serve_command();

}  // namespace auterity::cli
