#pragma once
// Everything outside this program that a command may touch, handed in by src/main.cpp, which alone
// builds it. Commands keep references to it for as long as they run; a test builds one with a
// simulated clock, files in memory and streams of its own. Invariant: results go to `out`,
// everything else (progress, questions, errors, logs) to `err`.
#include <cstddef>
#include <filesystem>
#include <iosfwd>
#include <memory>
#include <string>
#include <string_view>

#include "core/async.h"
#include "core/clock.h"
#include "core/files.h"
#include "core/http_client.h"
#include "core/log.h"
#include "core/metrics.h"
#include "core/processes.h"
#include "core/random.h"
#include "core/redaction.h"
#include "core/settings.h"

namespace boost::asio {
class io_context;
}

namespace auterity::cli {

using EnvironmentVariables = Environment;

// The value of a variable that is set and not empty.
const std::string* find_variable(const EnvironmentVariables& variables, std::string_view name);

// The wish of a person or a supervisor (SIGINT, SIGTERM) that a long-running command ends in good
// order. Only commands whose facts say `stops_in_order` see it; every other command is cancelled.
class StopSignal {
 public:
  explicit StopSignal(Executor executor);
  ~StopSignal();
  StopSignal(const StopSignal&) = delete;
  StopSignal& operator=(const StopSignal&) = delete;

  void request();
  bool requested() const;
  // Completes once request() was called, at once when it was already.
  Async<void> wait();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// What is known of one standard stream.
struct TerminalFacts {
  bool in_is_terminal = false;
  bool out_is_terminal = false;
  bool err_is_terminal = false;
  std::size_t columns = 100;  // of `err` when it is a terminal
};

struct World {
  boost::asio::io_context& io;
  Executor executor;
  Clock& clock;
  Random& random;
  Log& log;
  Redactor& redactor;  // values added to it never show in log lines
  Metrics& metrics;
  Files& files;
  Processes& processes;
  HttpClient& http;
  StopSignal& stop;
  EnvironmentVariables environment;
  std::istream& in;
  std::ostream& out;
  std::ostream& err;
  TerminalFacts terminal;
  std::filesystem::path program;            // this executable, absolute
  std::filesystem::path working_directory;  // absolute
};

}  // namespace auterity::cli
