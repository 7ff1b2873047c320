#pragma once
// `auterity backup …`: lists, shows, takes, verifies and prunes the backups of an environment.
#include "cli/command.h"

namespace auterity::cli {

CommandPtr make_backup_database_command();
CommandPtr make_backup_data_command();
CommandPtr make_backup_all_command();
CommandPtr make_backup_list_command();
CommandPtr make_backup_show_command();
CommandPtr make_backup_verify_command();
CommandPtr make_backup_prune_command();

}  // namespace auterity::cli
