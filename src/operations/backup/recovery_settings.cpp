#include "operations/backup/recovery_settings.h"

#include <fmt/format.h>

#include <algorithm>

namespace auterity::operations::backup {
namespace {

constexpr std::size_t kLongestName = 63;

bool is_of_recovery(std::string_view line) {
  return line.starts_with("restore_command") || line.starts_with("recovery_");
}

std::string setting(std::string_view name, std::string_view value) {
  std::string line = fmt::format("{} = '", name);
  for (const char c : value) {
    if (c == '\'' || c == '\\') line += c;
    line += c;
  }
  return line + "'\n";
}

bool can_be_named(std::string_view name) {
  return !name.empty() && name.size() <= kLongestName &&
         std::ranges::none_of(name, [](char c) { return c == '\0' || c == '\n' || c == '\r'; });
}

}  // namespace

std::string without_recovery_settings(std::string_view auto_conf) {
  std::string kept;
  while (!auto_conf.empty()) {
    const auto end = std::min(auto_conf.find('\n'), auto_conf.size());
    const auto line = auto_conf.substr(0, end);
    if (!is_of_recovery(line)) kept.append(line) += '\n';
    auto_conf.remove_prefix(std::min(end + 1, auto_conf.size()));
  }
  return kept;
}

Result<std::string> with_recovery_settings(std::string_view auto_conf, const RecoveryTarget& target,
                                           std::string_view restore_command) {
  auto text = without_recovery_settings(auto_conf);
  // PostgreSQL insists on a command; this one finds nothing.
  text += setting("restore_command", restore_command.empty() ? "false" : restore_command);
  text += setting("recovery_target_action", "promote");
  text += setting("recovery_target_timeline", "latest");
  switch (target.kind) {
    case RecoveryTarget::Kind::end_of_log:
      break;
    case RecoveryTarget::Kind::consistent:
      text += setting("recovery_target", "immediate");
      break;
    case RecoveryTarget::Kind::time:
      text += setting("recovery_target_time", to_rfc3339(target.time));
      break;
    case RecoveryTarget::Kind::position:
      text += setting("recovery_target_lsn", target.position.text());
      break;
    case RecoveryTarget::Kind::name:
      if (!can_be_named(target.name))
        return fail(ErrorKind::invalid_input, "this cannot be the name of a restore point",
                    "use a name of at most 63 characters, on one line");
      text += setting("recovery_target_name", target.name);
      break;
  }
  return text;
}

}  // namespace auterity::operations::backup
