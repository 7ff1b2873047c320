#include "core/stream_log.h"

#include <fmt/format.h>
#include <unistd.h>

#include <boost/json/object.hpp>
#include <mutex>

namespace auterity {
namespace {

std::string_view name_of(LogLevel level) {
  switch (level) {
    case LogLevel::debug:
      return "debug";
    case LogLevel::info:
      return "info";
    case LogLevel::warning:
      return "warning";
    case LogLevel::error:
      return "error";
  }
  return "error";
}

std::string_view colour_of(LogLevel level) {
  switch (level) {
    case LogLevel::debug:
      return "\x1b[2m";
    case LogLevel::info:
      return "\x1b[32m";
    case LogLevel::warning:
      return "\x1b[33m";
    case LogLevel::error:
      return "\x1b[31m";
  }
  return "";
}

// "src/engine/executor/claim_loop.cpp" → "claim_loop"
std::string_view module_of(std::string_view file) {
  const std::size_t slash = file.rfind('/');
  if (slash != std::string_view::npos) file.remove_prefix(slash + 1);
  return file.substr(0, file.rfind('.'));
}

class StreamLog final : public Log {
 public:
  StreamLog(const Clock& clock, LogSink sink, LogOptions options,
            std::shared_ptr<const Redactor> redactor)
      : clock_(clock),
        sink_(std::move(sink)),
        options_(std::move(options)),
        redactor_(std::move(redactor)) {}

  void write(LogLevel level, std::string_view logger, std::string_view message,
             const LogContext& context, LogFields fields, std::source_location where) override {
    if (level < options_.level) return;
    std::string line = options_.format == LogFormat::json
                           ? json_line(level, logger, message, context, fields, where)
                           : text_line(level, logger, message, context, fields);
    line += '\n';
    const std::lock_guard lock(mutex_);
    sink_(line);
  }

 private:
  Json clean(std::string_view name, const Json& value) const {
    if (is_secret_name(name) && !value.is_null()) return Json(kMask);
    static const Redactor kNoValues;
    return (redactor_ ? *redactor_ : kNoValues).redact(value, true);
  }

  std::string clean_text(std::string_view text) const {
    return redactor_ && !redactor_->empty() ? redactor_->redact(text) : std::string(text);
  }

  static void add_context(JsonObject& line, const LogContext& context) {
    const auto add = [&](std::string_view name, const std::string& value) {
      if (!value.empty()) line[name] = value;
    };
    add("request_id", context.request_id);
    add("user_id", context.user_id);
    add("workflow_id", context.workflow_id);
    add("execution_id", context.execution_id);
    add("trace.id", context.trace_id);
  }

  std::string json_line(LogLevel level, std::string_view logger, std::string_view message,
                        const LogContext& context, LogFields fields,
                        const std::source_location& where) const {
    const std::string time = to_rfc3339(clock_.now());
    JsonObject line;
    line["@timestamp"] = time;
    line["timestamp"] = time;
    line["log.level"] = name_of(level);
    line["level"] = name_of(level);
    line["message"] = clean_text(message);
    line["logger"] = logger;
    line["log.logger"] = logger;
    line["module"] = module_of(where.file_name());
    line["function"] = where.function_name();
    line["line"] = where.line();
    line["service.name"] = options_.service;
    if (!options_.instance.empty()) line["service.node.name"] = options_.instance;
    if (!options_.version.empty()) line["service.version"] = options_.version;
    line["ecs.version"] = "8.11";
    add_context(line, context);
    // A field never replaces one of the fixed ones.
    for (const auto& [name, value] : fields)
      line[line.contains(name) ? fmt::format("field.{}", name) : std::string(name)] =
          clean(name, value);
    return to_text(Json(std::move(line)));
  }

  std::string text_line(LogLevel level, std::string_view logger, std::string_view message,
                        const LogContext& context, LogFields fields) const {
    std::string line =
        options_.colour ? fmt::format("{} {}{:<7}\x1b[0m {}: {}", to_rfc3339(clock_.now()),
                                      colour_of(level), name_of(level), logger, clean_text(message))
                        : fmt::format("{} {:<7} {}: {}", to_rfc3339(clock_.now()), name_of(level),
                                      logger, clean_text(message));
    JsonObject extra;
    add_context(extra, context);
    for (const auto& [name, value] : fields) extra[name] = clean(name, value);
    for (const auto& member : extra)
      line += fmt::format(" {}={}", std::string_view(member.key()), to_text(member.value()));
    return line;
  }

  const Clock& clock_;
  LogSink sink_;
  LogOptions options_;
  std::shared_ptr<const Redactor> redactor_;
  std::mutex mutex_;
};

}  // namespace

std::unique_ptr<Log> make_stream_log(const Clock& clock, LogSink sink, LogOptions options,
                                     std::shared_ptr<const Redactor> redactor) {
  return std::make_unique<StreamLog>(clock, std::move(sink), std::move(options),
                                     std::move(redactor));
}

LogSink standard_error_sink() {
  return [](std::string_view line) {
    while (!line.empty()) {
      const ssize_t written = ::write(STDERR_FILENO, line.data(), line.size());
      if (written <= 0) return;
      line.remove_prefix(static_cast<std::size_t>(written));
    }
  };
}

std::optional<LogLevel> parse_log_level(std::string_view text) {
  for (const LogLevel level : {LogLevel::debug, LogLevel::info, LogLevel::warning, LogLevel::error})
    if (name_of(level) == text) return level;
  return std::nullopt;
}

std::optional<LogFormat> parse_log_format(std::string_view text) {
  if (text == "json") return LogFormat::json;
  if (text == "text") return LogFormat::text;
  return std::nullopt;
}

}  // namespace auterity
