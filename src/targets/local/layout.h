#pragma once
// Where an environment's state lies on this machine. Pure: paths only, nothing is created here. All
// state of an environment is in
// `<home>/<environment>/`; what must survive the loss of that folder is in `<home>/backups/`; unix
// sockets are in a run folder of their own, since their paths may not be longer than 107 bytes.
#include <filesystem>
#include <string>
#include <string_view>

#include "core/error.h"

namespace auterity::local {

struct Layout {
  std::filesystem::path home;  // AUTERITY_HOME, absolute
  std::string environment;
  std::filesystem::path run;          // unix sockets; short
  std::filesystem::path config = {};  // what is kept apart from all state: backup keys

  std::filesystem::path state() const { return home / environment; }
  std::filesystem::path postgres() const { return state() / "postgres"; }
  std::filesystem::path redis() const { return state() / "redis"; }
  std::filesystem::path objects() const { return state() / "objects"; }
  std::filesystem::path releases() const { return state() / "releases"; }
  std::filesystem::path services() const { return state() / "services"; }
  std::filesystem::path logs() const { return state() / "logs"; }
  std::filesystem::path operations() const { return state() / "operations"; }
  std::filesystem::path credentials() const { return state() / "credentials.json"; }
  std::filesystem::path platform_file() const { return services() / "platform.json"; }
  // Where backups go, and the key that seals them, unless the environment file says otherwise.
  std::filesystem::path backups() const { return home / "backups"; }
  std::filesystem::path backup_key() const { return config / (environment + "-backup.key"); }

  std::filesystem::path service(std::string_view name) const { return services() / name; }
  std::filesystem::path socket(std::string_view name) const {
    return run / (std::string(name) + ".sock");
  }
};

// What the process' surroundings say about where state may lie.
struct Surroundings {
  std::string auterity_home;    // AUTERITY_HOME; may be empty
  std::string xdg_state_home;   // XDG_STATE_HOME; may be empty
  std::string xdg_config_home;  // XDG_CONFIG_HOME; may be empty
  std::string xdg_runtime_dir;  // XDG_RUNTIME_DIR, when it is a folder of ours; else empty
  std::string home;             // HOME
  unsigned user_id = 0;
  std::filesystem::path working_directory;
};

// invalid_input for a name that cannot be an environment's: a letter, then letters, digits and "-",
// at most 40, and not "backups".
Status check_environment_name(std::string_view name);
// invalid_input for such a name, or for a home whose path cannot be written into scripts unquoted.
Result<Layout> make_layout(const Surroundings& surroundings, std::string environment);

}  // namespace auterity::local
