#pragma once
// `auterity version`: which build this is.
#include "cli/command.h"

namespace auterity::cli {

CommandPtr make_version_command();
// "auterity 0.1.0 (linux-x86_64)"
std::string version_text();

}  // namespace auterity::cli
