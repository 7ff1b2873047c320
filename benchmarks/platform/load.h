#pragma once
// HTTP load by wrk (Debian), bounded in time and to loopback: what was asked, what came back.
#include <string>

#include "core/async.h"
#include "core/error.h"
#include "core/processes.h"

namespace auterity::benchmark {

struct LoadRequest {
  std::string url;     // http://127.0.0.1:…
  std::string script;  // Lua for wrk: method, headers, body; empty: plain GET
  int connections = 64;
  int seconds = 5;
};

struct LoadResult {
  double requests_a_second = 0;
  double p50_ms = 0, p99_ms = 0;
  long errors = 0;  // answers other than 2xx and 3xx, and socket errors
};

Async<Result<LoadResult>> run_load(Processes& processes, LoadRequest request);

// Of wrk's report; failed when it is not one.
Result<LoadResult> parse_wrk_report(std::string_view report);

}  // namespace auterity::benchmark
