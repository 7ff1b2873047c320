#pragma once
// `auterity migrate status|up|down|validate|lint|new`: the schema of an environment's database.
#include "cli/command.h"

namespace auterity::cli {

CommandPtr make_migrate_status_command();
CommandPtr make_migrate_up_command();
CommandPtr make_migrate_down_command();
CommandPtr make_migrate_validate_command();
CommandPtr make_migrate_lint_command();
CommandPtr make_migrate_new_command();

}  // namespace auterity::cli
