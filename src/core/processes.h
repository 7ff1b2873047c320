#pragma once
// Child processes as a service. Arguments are never given to a shell, and never hold a secret:
// secrets go in by environment or input.
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/async.h"
#include "core/error.h"
#include "core/time.h"

namespace auterity {

struct ProcessRequest {
  std::vector<std::string> arguments;  // [0] is the program: an absolute path, or looked up in PATH
  std::map<std::string, std::string>
      environment;  // the whole environment when `clean_environment`, else added to ours
  bool clean_environment = false;
  std::string working_directory;  // empty: ours
  std::string input;
  Duration timeout = std::chrono::seconds(60);
  std::size_t max_output_bytes = 16u
                                 << 20;  // of each stream; the rest is dropped and `truncated` set
  std::string run_as;                    // user name; empty: ours
};

struct ProcessOutcome {
  int exit_code = 0;  // 128 + signal when killed by one
  std::string output;
  std::string error_output;
  bool truncated = false;
};

class Processes {
 public:
  virtual ~Processes() = default;
  // Runs to the end. A non-zero exit is an outcome, not an error; not_found when there is no such
  // program, invalid_input when none is named; timeout kills the whole process group first.
  virtual Async<Result<ProcessOutcome>> run(ProcessRequest request) = 0;
};

}  // namespace auterity
