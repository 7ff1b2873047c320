#pragma once
// The Log that writes lines to a stream, in JSON or for people (log.h says which fields).
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "core/clock.h"
#include "core/log.h"
#include "core/redaction.h"

namespace auterity {

struct LogOptions {
  LogFormat format = LogFormat::json;
  LogLevel level = LogLevel::info;
  std::string service = "auterity";  // ECS service.name
  std::string instance;              // ECS service.node.name, "api-1"
  std::string version;               // ECS service.version
  bool colour = false;               // text only
};

// `write` gets whole lines with their newline, from any thread, one at a time. `redactor` may grow
// later.
using LogSink = std::function<void(std::string_view line)>;
std::unique_ptr<Log> make_stream_log(const Clock& clock, LogSink sink, LogOptions options,
                                     std::shared_ptr<const Redactor> redactor = nullptr);

// Standard error; a full or closed pipe loses the line, never the process.
LogSink standard_error_sink();

std::optional<LogLevel> parse_log_level(std::string_view text);
std::optional<LogFormat> parse_log_format(std::string_view text);

}  // namespace auterity
