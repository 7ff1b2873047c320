#pragma once
// One command of the program: its facts, its options, its work. To add one: a file here with a
// class and its make function, and one line in commands.cpp. A command decides nothing about how
// errors, help or signals look: it answers an Error or an exit code, and application.cpp does the
// rest.
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "cli/option_set.h"
#include "cli/world.h"
#include "core/async.h"
#include "core/error.h"

namespace auterity::cli {

// Exit codes are those of the error table (core/error.h); commands themselves use these two.
using ExitCode = int;
inline constexpr ExitCode kDone = 0;
inline constexpr ExitCode kFailed =
    1;  // the thing asked for failed or a check failed; said in the result already

// Headings of the list of commands, in the order in which they are shown.
enum class CommandGroup { workflows, platform, releases, data, accounts, processes, program };
std::string_view title(CommandGroup group);

struct CommandFacts {
  std::string_view name;  // "run", or several words: "user add"
  CommandGroup group;
  std::string_view summary;  // one line for the list, lower case, no full stop
  std::string_view details;  // paragraphs under the usage line; may be empty
  // Log lines below this are not written: commands speak by results and progress, services by their
  // log.
  LogLevel log_level = LogLevel::error;
  // True: SIGINT and SIGTERM arrive as World::stop instead of cancelling the command; it then ends
  // in its own time.
  bool stops_in_order = false;
};

// Options of every command.
struct CommonOptions {
  std::string environment = "development";
  bool yes = false;
  std::string reason;
  std::string log_format;  // "text", "json"; empty: text on a terminal, else JSON lines
  bool json = false;
};

void declare_common_options(OptionSet& options, CommonOptions& common);

class Command {
 public:
  virtual ~Command() = default;
  virtual CommandFacts facts() const = 0;
  virtual void declare(OptionSet& options) = 0;
  // Called once. An Error is printed with its hint and decides the exit code. `world` and `common`
  // outlive the call.
  virtual Async<Result<ExitCode>> run(World& world, const CommonOptions& common) = 0;
  // What an interrupted person should know or do: what was left behind, how to go on.
  virtual std::string interruption_hint() const {
    return "nothing was left behind; start it again when you like";
  }
};

using CommandPtr = std::unique_ptr<Command>;
using CommandList = std::vector<CommandPtr>;

}  // namespace auterity::cli
