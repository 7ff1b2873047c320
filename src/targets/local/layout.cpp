#include "targets/local/layout.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/digest.h"

namespace auterity::local {
namespace {

constexpr std::size_t kLongestName = 40;
constexpr std::size_t kLongestRuntimeDir =
    32;  // leaves room for "/auterity/<name>-<digest>/<socket>"

std::filesystem::path home_of(const Surroundings& around) {
  if (!around.auterity_home.empty())
    return (around.working_directory / around.auterity_home).lexically_normal();
  if (around.user_id == 0) return "/var/lib/auterity";
  if (!around.xdg_state_home.empty())
    return std::filesystem::path(around.xdg_state_home) / "auterity";
  return std::filesystem::path(around.home) / ".local/state/auterity";
}

std::filesystem::path config_of(const Surroundings& around) {
  if (around.user_id == 0) return "/etc/auterity";
  if (!around.xdg_config_home.empty())
    return std::filesystem::path(around.xdg_config_home) / "auterity";
  return std::filesystem::path(around.home) / ".config/auterity";
}

// Paths go into shell scripts and into the configuration of four servers, each with quoting rules
// of its own.
bool is_plain(const std::filesystem::path& path) {
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("/._+@-").contains(c);
  };
  return path.is_absolute() && std::ranges::all_of(path.string(), plain);
}

Status check_home(const std::filesystem::path& home) {
  if (is_plain(home)) return {};
  return fail(ErrorKind::invalid_input, fmt::format("state cannot be kept in '{}'", home.string()),
              "set AUTERITY_HOME to an absolute path of letters, digits and . _ + @ - /");
}

std::filesystem::path run_base(const Surroundings& around) {
  if (around.user_id == 0) return "/run/auterity";
  const bool usable =
      around.xdg_runtime_dir.size() <= kLongestRuntimeDir && is_plain(around.xdg_runtime_dir);
  if (usable) return std::filesystem::path(around.xdg_runtime_dir) / "auterity";
  return fmt::format("/tmp/auterity-{}", around.user_id);
}

}  // namespace

Status check_environment_name(std::string_view name) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  };
  const bool valid = !name.empty() && name.size() <= kLongestName && name[0] >= 'a' &&
                     name[0] <= 'z' && std::ranges::all_of(name, allowed) && name != "backups";
  if (valid) return {};
  return fail(ErrorKind::invalid_input,
              fmt::format("'{}' cannot be the name of an environment", name),
              "use a letter followed by small letters, digits and '-', at most 40 in all");
}

Result<Layout> make_layout(const Surroundings& around, std::string environment) {
  AUTERITY_CHECK(check_environment_name(environment));
  Layout layout;
  layout.home = home_of(around);
  AUTERITY_CHECK(check_home(layout.home));
  layout.environment = std::move(environment);
  layout.config = config_of(around);
  // The digest keeps environments of the same name in different homes apart.
  layout.run = run_base(around) / fmt::format("{}-{}", layout.environment.substr(0, 24),
                                              sha256_hex(layout.state().string()).substr(0, 8));
  return layout;
}

}  // namespace auterity::local
