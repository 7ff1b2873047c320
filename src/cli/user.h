#pragma once
// `auterity user add|list|disable|passwd`: accounts of the platform.
#include "cli/command.h"

namespace auterity::cli {

CommandPtr make_user_add_command();
CommandPtr make_user_list_command();
CommandPtr make_user_disable_command();
CommandPtr make_user_passwd_command();

}  // namespace auterity::cli
