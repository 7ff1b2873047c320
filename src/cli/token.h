#pragma once
// `auterity token`: a bearer token for the API of this machine's environment.
#include "cli/command.h"

namespace auterity::cli {

CommandPtr make_token_command();

}  // namespace auterity::cli
