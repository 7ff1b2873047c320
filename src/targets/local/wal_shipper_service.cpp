// It runs as the platform's owner, who alone may read the key that seals what it stores.
#include "targets/local/wal_shipper_service.h"

#include <fmt/format.h>

namespace auterity::local {

ServiceDefinition define_wal_shipper(const Platform& platform) {
  // Location and key are those of the platform's kept facts; naming them here starts it anew when
  // they change.
  std::string run =
      run_script_head(platform, kWalShipper) +
      fmt::format(
          "# to {}, sealed with {}\n"
          "exec env -i PATH=\"$PATH\" LC_ALL=C.UTF-8 AUTERITY_HOME={} \\\n"
          "  {}/auterity ship-log -e {} --ready-fd 3 --log-format json\n",
          platform.backups.location, platform.backups.key_file, platform.layout.home.string(),
          platform.release(platform.pool()).string(), platform.layout.environment);
  return {.name = std::string(kWalShipper),
          .files = {{"run", std::move(run), 0755},
                    {"notification-fd", "3\n"},
                    {"timeout-kill", "10000\n"},
                    end_leftovers_file(platform, kWalShipper, {"auterity", "TERM", {}})}};
}

}  // namespace auterity::local
