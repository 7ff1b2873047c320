#include "cli/commands.h"

#include "cli/autoscale.h"
#include "cli/backup.h"
#include "cli/check.h"
#include "cli/deploy.h"
#include "cli/down.h"
#include "cli/execute.h"
#include "cli/migrate.h"
#include "cli/operations.h"
#include "cli/recover.h"
#include "cli/release.h"
#include "cli/restart.h"
#include "cli/run.h"
#include "cli/scale.h"
#include "cli/serve.h"
#include "cli/settings.h"
#include "cli/ship_log.h"
#include "cli/status.h"
#include "cli/token.h"
#include "cli/up.h"
#include "cli/user.h"
#include "cli/validate.h"
#include "cli/version.h"
#include "cli/work.h"

namespace auterity::cli {

CommandList all_commands() {
  CommandList commands;
  commands.push_back(make_run_command());
  commands.push_back(make_validate_command());
  commands.push_back(make_execute_command());
  commands.push_back(make_up_command());
  commands.push_back(make_down_command());
  commands.push_back(make_status_command());
  commands.push_back(make_deploy_command());
  commands.push_back(make_rollback_command());
  commands.push_back(make_restart_command());
  commands.push_back(make_scale_command());
  commands.push_back(make_autoscale_command());
  commands.push_back(make_check_command());
  commands.push_back(make_release_build_command());
  commands.push_back(make_release_list_command());
  commands.push_back(make_release_prune_command());
  commands.push_back(make_operations_list_command());
  commands.push_back(make_operations_show_command());
  commands.push_back(make_operations_resume_command());
  commands.push_back(make_operations_undo_command());
  commands.push_back(make_operations_abandon_command());
  for (const auto make :
       {make_migrate_status_command, make_migrate_up_command, make_migrate_down_command,
        make_migrate_validate_command, make_migrate_lint_command, make_migrate_new_command})
    commands.push_back(make());
  for (const auto make :
       {make_backup_database_command, make_backup_data_command, make_backup_all_command,
        make_backup_list_command, make_backup_show_command, make_backup_verify_command,
        make_backup_prune_command})
    commands.push_back(make());
  commands.push_back(make_recover_command());
  commands.push_back(make_serve_command());
  commands.push_back(make_work_command());
  commands.push_back(make_ship_log_command());
  commands.push_back(make_user_add_command());
  commands.push_back(make_user_list_command());
  commands.push_back(make_user_disable_command());
  commands.push_back(make_user_passwd_command());
  commands.push_back(make_token_command());
  commands.push_back(make_settings_command());
  commands.push_back(make_version_command());
  return commands;
}

}  // namespace auterity::cli
