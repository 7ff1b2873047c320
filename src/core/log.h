#pragma once
// Structured logs: one JSON object a line on standard error (the supervisor files it), with the
// seed's fields (timestamp level logger message module function line user_id request_id workflow_id
// execution_time exception) and the ECS names beside them;
// `--log-format text` prints for people instead. Values of fields whose name says secret are
// masked; so are registered values.
//
//   log().info("engine", "execution resumed", {{"execution_id", to_text(id)}, {"term", term}});
#include <initializer_list>
#include <source_location>
#include <string_view>
#include <utility>

#include "core/json.h"

namespace auterity {

enum class LogLevel { debug, info, warning, error };
enum class LogFormat { json, text };

// Who a line is about. Passed by value along the work it belongs to; there is no ambient context
// that could leak between tasks.
struct LogContext {
  std::string request_id;
  std::string user_id;
  std::string workflow_id;
  std::string execution_id;
  std::string trace_id;
};

using LogFields = std::initializer_list<std::pair<std::string_view, Json>>;

class Log {
 public:
  virtual ~Log() = default;
  virtual void write(LogLevel level, std::string_view logger, std::string_view message,
                     const LogContext& context, LogFields fields, std::source_location where) = 0;

  void debug(std::string_view logger, std::string_view message, LogFields fields = {},
             std::source_location where = std::source_location::current()) {
    write(LogLevel::debug, logger, message, {}, fields, where);
  }
  void info(std::string_view logger, std::string_view message, LogFields fields = {},
            std::source_location where = std::source_location::current()) {
    write(LogLevel::info, logger, message, {}, fields, where);
  }
  void warning(std::string_view logger, std::string_view message, LogFields fields = {},
               std::source_location where = std::source_location::current()) {
    write(LogLevel::warning, logger, message, {}, fields, where);
  }
  void error(std::string_view logger, std::string_view message, LogFields fields = {},
             std::source_location where = std::source_location::current()) {
    write(LogLevel::error, logger, message, {}, fields, where);
  }
};

}  // namespace auterity
