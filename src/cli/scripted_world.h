#pragma once
// A World for unit tests of commands: files in memory, streams to read back, a network that answers
// what the test put there. Only tests include this.
#include <boost/asio/io_context.hpp>
#include <deque>
#include <sstream>
#include <vector>

#include "cli/world.h"
#include "core/memory_files.h"
#include "core/system_clock.h"

namespace auterity::cli {

// Gives the answers in their order; afterwards nobody answers.
class ScriptedNetwork final : public HttpClient {
 public:
  Async<Result<HttpResponse>> send(HttpRequest request) override {
    requests.push_back(std::move(request));
    if (answers.empty()) co_return fail(ErrorKind::unavailable, "connection refused");
    HttpResponse answer{.status = answers.front().first, .body = answers.front().second};
    answers.pop_front();
    co_return answer;
  }

  std::deque<std::pair<int, std::string>> answers;  // status, body
  std::vector<HttpRequest> requests;
};

class NoProcesses final : public Processes {
 public:
  Async<Result<ProcessOutcome>> run(ProcessRequest) override {
    co_return fail(ErrorKind::not_found, "there are no programs in this test");
  }
};

class SilentLines final : public Log {
 public:
  void write(LogLevel, std::string_view, std::string_view, const LogContext&, LogFields,
             std::source_location) override {}
};

struct ScriptedWorld {
  boost::asio::io_context io{1};
  SystemClock clock;
  SeededRandom random{1};
  SilentLines log;
  Redactor redactor;
  std::unique_ptr<Metrics> metrics = make_metrics();
  MemoryFiles files;
  NoProcesses processes;
  ScriptedNetwork http;
  StopSignal stop{io.get_executor()};
  std::istringstream in;
  std::ostringstream out, err;
  World world{.io = io,
              .executor = io.get_executor(),
              .clock = clock,
              .random = random,
              .log = log,
              .redactor = redactor,
              .metrics = *metrics,
              .files = files,
              .processes = processes,
              .http = http,
              .stop = stop,
              .environment = {},
              .in = in,
              .out = out,
              .err = err,
              .terminal = {},
              .program = "/usr/bin/auterity",
              .working_directory = "/folder"};
};

}  // namespace auterity::cli
