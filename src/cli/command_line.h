#pragma once
// Arguments to a command ready to run. Pure: nothing is printed and nothing outside is read. Common
// options may stand before the command's name or after it; unknown options, words and values are
// refused with what would have been right.
#include <string>
#include <vector>

#include "cli/command.h"

namespace auterity::cli {

struct CommandLine {
  Command* command = nullptr;  // null: print `text` and end with 0
  CommonOptions common;
  std::string text;  // help or the version
};

// `arguments` without the program's name; `variables` give AUTERITY_ENVIRONMENT, the default of
// --environment. Errors: invalid_input.
Result<CommandLine> parse_command_line(std::vector<std::string> arguments,
                                       const CommandList& commands,
                                       const EnvironmentVariables& variables);

// Whether the arguments ask for JSON, also when they cannot be parsed.
bool asks_for_json(const std::vector<std::string>& arguments);

}  // namespace auterity::cli
