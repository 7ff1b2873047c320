#pragma once
// A World for unit tests of commands: files in memory, streams to read back, nothing on the
// network. Only tests include this.
#include <boost/asio/io_context.hpp>
#include <sstream>

#include "cli/world.h"
#include "core/memory_files.h"
#include "core/system_clock.h"

namespace auterity::cli {

class NoNetwork final : public HttpClient {
 public:
  Async<Result<HttpResponse>> send(HttpRequest) override {
    co_return fail(ErrorKind::unavailable, "there is no network in this test");
  }
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
  NoNetwork http;
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
