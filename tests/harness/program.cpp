#include "harness/program.h"

#include <cstdlib>

#include "core/system_clock.h"
#include "core/system_processes.h"
#include "harness/event_loop.h"

namespace auterity::harness {

std::string ProgramOutcome::last_error_line() const {
  std::string_view text = error_output;
  while (text.ends_with('\n')) text.remove_suffix(1);
  return std::string(text.substr(text.rfind('\n') + 1));
}

std::string program_path() {
  const char* path = std::getenv("AUTERITY_BINARY");
  return path == nullptr ? "" : path;
}

ProgramOutcome run_program(ProgramRun run) {
  SystemClock clock;
  SystemProcesses processes(clock);
  ProcessRequest request{.arguments = {program_path()},
                         .environment = std::move(run.environment),
                         .working_directory = std::move(run.working_directory),
                         .input = std::move(run.input),
                         .timeout = run.limit,
                         .run_as = {}};
  request.arguments.insert(request.arguments.end(), run.arguments.begin(), run.arguments.end());
  EventLoop loop;
  const auto outcome = loop.run(processes.run(std::move(request)));
  if (!outcome) return {.exit_code = -1, .output = {}, .error_output = outcome.error().message};
  return {.exit_code = outcome->exit_code,
          .output = outcome->output,
          .error_output = outcome->error_output};
}

}  // namespace auterity::harness
