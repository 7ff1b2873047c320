#pragma once
// Runs the real binary (AUTERITY_BINARY) as a person would.
#include <chrono>
#include <map>
#include <string>
#include <vector>

namespace auterity::harness {

struct ProgramRun {
  std::vector<std::string> arguments;  // after the program's name
  std::string input;
  std::map<std::string, std::string> environment;  // added to this process'
  std::string working_directory;
  std::chrono::seconds limit{60};
};

struct ProgramOutcome {
  int exit_code =
      -1;  // 128 + signal when killed by one; -1 when it could not be started or did not end
  std::string output;
  std::string error_output;

  // The last line of the error output, without its newline.
  std::string last_error_line() const;
};

// The binary's path; empty when AUTERITY_BINARY is not set.
std::string program_path();
ProgramOutcome run_program(ProgramRun run);

}  // namespace auterity::harness
