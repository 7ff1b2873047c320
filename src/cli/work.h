#pragma once
// `auterity work`: the worker role, configured by environment variables alone.
#include "cli/command.h"

namespace auterity::cli {

CommandPtr make_work_command();

}  // namespace auterity::cli
