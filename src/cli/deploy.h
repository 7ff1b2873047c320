#pragma once
// `auterity deploy` and `auterity rollback`.
#include "cli/command.h"

namespace auterity::cli {

CommandPtr make_deploy_command();
CommandPtr make_rollback_command();

}  // namespace auterity::cli
