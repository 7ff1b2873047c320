#include "core/settings.h"

#include <fmt/format.h>

#include <array>
#include <cassert>
#include <charconv>

namespace auterity {
namespace {

// name, default, required, secret, help
constexpr std::array kRows{
    SettingRow{"DATABASE_URL", "", true, true,
               "PostgreSQL, a libpq URI: postgresql://user:password@host:port/name"},
    SettingRow{"REDIS_URL", "", false, true,
               "Redis: redis://…, rediss://… (TLS) or unix:///path?password=…; without it wake-ups "
               "wait for polling"},
    SettingRow{"JWT_SECRET_KEY", "", true, true,
               "signs access tokens (HS256); at least 32 characters"},
    SettingRow{"AUTERITY_SECRETS_KEY", "", true, true,
               "seals stored secrets; 64 hexadecimal digits"},
    SettingRow{"AUTERITY_OBJECTS", "", true, false, "folder of the object store"},
    SettingRow{"API_BASE_URL", "http://localhost:8000", false, false,
               "where callers reach the API"},
    SettingRow{"AUTERITY_LISTEN", "127.0.0.1:8000", false, false,
               "address of the API: host:port or unix:/path"},
    SettingRow{"AUTERITY_METRICS_LISTEN", "", false, false,
               "loopback address of this process' own metrics: 127.0.0.1:port or unix:/path"},
    SettingRow{"AUTERITY_METRICS_PEERS", "", false, false,
               "metrics addresses of all processes, or unix:/folder/*.metrics.sock; the public "
               "/metrics adds "
               "them up"},
    SettingRow{"AUTERITY_METRICS_TOKEN", "", false, true,
               "bearer token that /metrics wants from elsewhere than loopback"},
    SettingRow{"AUTERITY_INSTANCE", "", false, false,
               "name of this process in logs and leases: api-1"},
    SettingRow{"AUTERITY_COLOUR", "", false, false, "pool of this process: blue or green"},
    SettingRow{"AUTERITY_READY_FD", "", false, false,
               "file descriptor that gets a newline once ready (s6)"},
    SettingRow{"AUTERITY_LOG_FORMAT", "json", false, false, "json or text"},
    SettingRow{"AUTERITY_LOG_LEVEL", "info", false, false, "debug, info, warning or error"},
    SettingRow{"AUTERITY_DATABASE_CONNECTIONS", "8", false, false,
               "connections of this process, 1 to 100"},
    SettingRow{"AUTERITY_IN_PLACE", "512", false, false,
               "executions that this process runs at once, 1 to 100000"},
    SettingRow{"AUTERITY_UPLOAD_LIMIT_MB", "1024", false, false,
               "largest upload in MiB, 1 to 1000000"},
    SettingRow{"AUTERITY_RETENTION_DAYS", "90", false, false,
               "days that ended executions are kept, 1 to 36500"},
    SettingRow{"AUTERITY_AI_SERVICE_URL", "", false, false,
               "health address of the AI service; empty: not configured"},
    SettingRow{"AUTERITY_OPERATIONS", "", false, false,
               "folder of the operations journal that the API shows"},
};

const SettingRow* find_row(std::string_view name) {
  for (const SettingRow& row : kRows)
    if (row.name == name) return &row;
  return nullptr;
}

}  // namespace

std::span<const SettingRow> setting_rows() { return kRows; }

long default_number(std::string_view name) {
  const SettingRow* row = find_row(name);
  assert(row != nullptr && "every setting is in the table");
  long number = 0;
  const auto [end, error] =
      std::from_chars(row->fallback.data(), row->fallback.data() + row->fallback.size(), number);
  assert(error == std::errc() && end == row->fallback.data() + row->fallback.size());
  return number;
}

Result<Settings> Settings::read(const Environment& environment) {
  Settings settings;
  std::string missing;
  for (const SettingRow& row : kRows) {
    const auto given = environment.find(std::string(row.name));
    const bool present = given != environment.end() && !given->second.empty();
    settings.given_.emplace(row.name, present);
    settings.values_.emplace(row.name, present ? given->second : std::string(row.fallback));
    if (row.required && !present)
      missing += fmt::format("{}{}", missing.empty() ? "" : ", ", row.name);
  }
  if (!missing.empty())
    return fail(ErrorKind::not_ready, fmt::format("not set in the environment: {}", missing),
                "set them (`auterity settings` says what each is for), or start the whole platform "
                "with `auterity up`");
  return settings;
}

const std::string& Settings::text(std::string_view name) const {
  const auto found = values_.find(name);
  assert(found != values_.end() && "every setting is in the table");
  return found->second;
}

bool Settings::is_set(std::string_view name) const {
  const auto found = given_.find(name);
  assert(found != given_.end() && "every setting is in the table");
  return found->second;
}

Result<long> Settings::number(std::string_view name, long low, long high) const {
  const std::string& value = text(name);
  long number = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (error != std::errc{} || end != value.data() + value.size() || number < low || number > high)
    return fail(ErrorKind::invalid_input,
                fmt::format("{} is not a whole number from {} to {}", name, low, high),
                fmt::format("{}: {}", name, find_row(name)->help));
  return number;
}

}  // namespace auterity
