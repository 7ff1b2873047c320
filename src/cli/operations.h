#pragma once
// `auterity operations list|show|resume|undo`: what was done to an environment on this machine, by
// whom, why and with which evidence; and going on with what was interrupted.
#include "cli/command.h"

namespace auterity::cli {

CommandPtr make_operations_list_command();
CommandPtr make_operations_show_command();
CommandPtr make_operations_resume_command();
CommandPtr make_operations_undo_command();
CommandPtr make_operations_abandon_command();

}  // namespace auterity::cli
