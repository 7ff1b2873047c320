// The composition root: the only place where the real clock, randomness, network, files, processes
// and streams are built.
#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <csignal>
#include <exception>
#include <iostream>

#include "cli/application.h"
#include "cli/commands.h"
#include "cli/evaluator_process.h"
#include "commit.h"
#include "core/curl_http_client.h"
#include "core/disk_files.h"
#include "core/json.h"
#include "core/metrics.h"
#include "core/random.h"
#include "core/stream_log.h"
#include "core/system_clock.h"
#include "core/system_processes.h"
#include "core/version.h"
#include "engine/expression/evaluator_process.h"
#include "operations/backup/wal_fetch_process.h"

namespace auterity {
namespace {

std::filesystem::path this_program() {
  std::error_code ignored;
  return std::filesystem::read_symlink("/proc/self/exe", ignored);
}

// A release's manifest lies beside its program.
std::string version_of_release() {
  DiskFiles disk;
  Files& files = disk;
  const auto manifest = files.read(this_program().parent_path() / "manifest.json");
  const auto value = manifest ? parse_json(*manifest) : std::unexpected(manifest.error());
  const auto version = value ? string_or(find_member(*value, "version"), "") : std::string_view();
  return std::string(version.empty() ? compiled_version() : version);
}

cli::EnvironmentVariables environment_variables() {
  cli::EnvironmentVariables variables;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const std::size_t equals = text.find('=');
    if (equals != std::string_view::npos)
      variables.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return variables;
}

// A standard stream that was closed would otherwise give its number to the next file that is
// opened, which would then receive our output. What is opened here cannot be written to, so a lost
// result is still noticed.
void hold_standard_streams() {
  int descriptor = 0;
  do {
    descriptor = ::open("/dev/null", O_RDONLY);
  } while (descriptor >= 0 && descriptor <= STDERR_FILENO);
  if (descriptor > STDERR_FILENO) ::close(descriptor);
}

cli::TerminalFacts terminal_facts() {
  cli::TerminalFacts facts{.in_is_terminal = ::isatty(STDIN_FILENO) == 1,
                           .out_is_terminal = ::isatty(STDOUT_FILENO) == 1,
                           .err_is_terminal = ::isatty(STDERR_FILENO) == 1};
  winsize size{};
  if (facts.err_is_terminal && ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
    facts.columns = size.ws_col;
  return facts;
}

// Flag, then environment variable, then what suits the command and the place the lines go to.
LogOptions log_options(const cli::CommandLine& line, const cli::EnvironmentVariables& variables,
                       const cli::TerminalFacts& terminal) {
  LogOptions options{.format = terminal.err_is_terminal ? LogFormat::text : LogFormat::json,
                     .level = line.command->facts().log_level,
                     .version = std::string(version()),
                     .colour = terminal.err_is_terminal};
  if (const std::string* text = cli::find_variable(variables, "AUTERITY_LOG_FORMAT"))
    options.format = parse_log_format(*text).value_or(options.format);
  if (const std::string* text = cli::find_variable(variables, "AUTERITY_LOG_LEVEL"))
    options.level = parse_log_level(*text).value_or(options.level);
  if (const std::string* text = cli::find_variable(variables, "AUTERITY_INSTANCE"))
    options.instance = *text;
  options.format = parse_log_format(line.common.log_format).value_or(options.format);
  return options;
}

cli::ExitCode run(const cli::CommandLine& line, cli::EnvironmentVariables variables) {
  const cli::TerminalFacts terminal = terminal_facts();
  boost::asio::io_context io(1);
  SystemClock clock;
  SystemRandom random;
  const auto redactor = std::make_shared<Redactor>();
  const auto log = make_stream_log(clock, standard_error_sink(),
                                   log_options(line, variables, terminal), redactor);
  const auto metrics = make_metrics();
  DiskFiles files;
  SystemProcesses processes(clock);
  const auto http = make_curl_http_client(
      io.get_executor(), {.user_agent = std::string("auterity/") + std::string(version())});
  cli::StopSignal stop(io.get_executor());
  std::error_code ignored;
  cli::World world{.io = io,
                   .executor = io.get_executor(),
                   .clock = clock,
                   .random = random,
                   .log = *log,
                   .redactor = *redactor,
                   .metrics = *metrics,
                   .files = files,
                   .processes = processes,
                   .http = *http,
                   .stop = stop,
                   .environment = std::move(variables),
                   .in = std::cin,
                   .out = std::cout,
                   .err = std::cerr,
                   .terminal = terminal,
                   .program = this_program(),
                   .working_directory = std::filesystem::current_path(ignored)};
  return cli::run_command(world, line);
}

// A reader that went away (`| head`) is no failure of ours; a result that could not be written
// (disk full) is.
cli::ExitCode finish_output(cli::ExitCode code, bool json) {
  std::cout.flush();
  if (std::cout) return code;
  pollfd standard_output{.fd = STDOUT_FILENO, .events = POLLOUT, .revents = 0};
  if (::poll(&standard_output, 1, 0) == 1 && (standard_output.revents & POLLERR) != 0) return code;
  return cli::report_error(
      std::cout, std::cerr,
      {ErrorKind::storage_full, "the result could not be written to standard output",
       "check that what it is redirected to has space and is open"},
      json);
}

cli::ExitCode run_program(const std::vector<std::string>& arguments) {
  identify_build({version_of_release(), kCommit, Time(std::chrono::seconds(kCommittedAt_s))});
  cli::EnvironmentVariables variables = environment_variables();
  const cli::CommandList commands = cli::all_commands();
  const auto line = cli::parse_command_line(arguments, commands, variables);
  const bool json = cli::asks_for_json(arguments);
  if (!line)
    return finish_output(cli::report_error(std::cout, std::cerr, line.error(), json), json);
  if (line->command == nullptr) {
    std::cout << line->text;
    return finish_output(cli::kDone, json);
  }
  return finish_output(run(*line, std::move(variables)), json);
}

}  // namespace
}  // namespace auterity

int main(int argc, char** argv) {
  // An evaluator of expressions is this program again, in a sandbox: it must not see settings, logs
  // or signals.
  if (argc == 2 && argv[1] == auterity::cli::kEvaluatorArgument)
    return auterity::engine::run_evaluator_process();
  // PostgreSQL asks for one file of its log.
  if (argc == 5 && argv[1] == auterity::operations::backup::kWalFetchArgument)
    return auterity::operations::backup::run_wal_fetch(argv[2], argv[3], argv[4]);
  auterity::hold_standard_streams();
  // Pipes to children and readers of our output may close at any time; writes then fail instead of
  // ending this process.
  std::signal(SIGPIPE, SIG_IGN);
  std::ios::sync_with_stdio(false);
  try {
    return auterity::run_program({argv + std::min(argc, 1), argv + argc});
  } catch (const std::exception& error) {
    std::cerr << "error: " << error.what()
              << "\nhint: this is a bug: report the command and this message\n";
    return auterity::facts(auterity::ErrorKind::internal).exit_code;
  }
}
