#pragma once
// A parsed command line to an exit code: runs the command on the world's event loop, turns SIGINT
// and SIGTERM into cancellation (or into World::stop), its errors into two lines on standard error,
// and stops exceptions.
#include "cli/command_line.h"
#include "cli/world.h"

namespace auterity::cli {

// `line.command` is not null.
ExitCode run_command(World& world, const CommandLine& line);

// Prints an error as error_text() and, when asked for JSON, error_document(); answers its exit
// code.
ExitCode report_error(std::ostream& out, std::ostream& err, const Error& error, bool json);

}  // namespace auterity::cli
