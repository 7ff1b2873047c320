#pragma once
// Texts of --help, made from the declarations that the parser uses, so that neither can lack what
// the other has.
#include <string>
#include <string_view>
#include <vector>

#include "cli/command.h"

namespace auterity::cli {

// Every command under its group's heading.
std::string help_text(const CommandList& commands);
// The commands whose name begins with `word`: "user add", "user list"…
std::string help_text(const CommandList& commands, std::string_view word);
// Usage line, details, arguments, options, common options of one command.
std::string help_text(Command& command);

// "user add" to its words.
std::vector<std::string> words_of(std::string_view name);

}  // namespace auterity::cli
