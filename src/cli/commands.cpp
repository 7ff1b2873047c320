#include "cli/commands.h"

#include "cli/settings.h"
#include "cli/validate.h"
#include "cli/version.h"

namespace auterity::cli {

CommandList all_commands() {
  CommandList commands;
  commands.push_back(make_validate_command());
  commands.push_back(make_settings_command());
  commands.push_back(make_version_command());
  return commands;
}

}  // namespace auterity::cli
