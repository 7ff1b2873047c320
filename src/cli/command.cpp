#include "cli/command.h"

namespace auterity::cli {

std::string_view title(CommandGroup group) {
  switch (group) {
    case CommandGroup::workflows:
      return "workflows";
    case CommandGroup::platform:
      return "the platform on this machine";
    case CommandGroup::releases:
      return "releases";
    case CommandGroup::data:
      return "data and recovery";
    case CommandGroup::accounts:
      return "accounts";
    case CommandGroup::processes:
      return "processes of the platform";
    case CommandGroup::program:
      return "this program";
  }
  return "";
}

void declare_common_options(OptionSet& options, CommonOptions& common) {
  options.text("-e,--environment", "NAME", common.environment,
               "the environment to work on (AUTERITY_ENVIRONMENT; else development)");
  options.flag("--yes", common.yes, "ask nothing");
  options.text("--reason", "TEXT", common.reason, "why, for the audit");
  options.choice("--log-format", {"text", "json"}, common.log_format, "how log lines look");
  options.flag("--json", common.json, "one JSON document on standard output");
}

}  // namespace auterity::cli
