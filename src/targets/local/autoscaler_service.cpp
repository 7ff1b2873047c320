// The loop of autoscaling as a supervised service. It runs as the platform's owner, who alone may
// tell the supervisor what to do.
#include <fmt/format.h>

#include "targets/local/service_definition.h"

namespace auterity::local {

ServiceDefinition define_autoscaler(const Platform& platform) {
  const std::string environments =
      platform.autoscaler ? platform.autoscaler->environments : std::string{};
  std::string run =
      run_script_head(platform, std::string(kAutoscaler)) +
      fmt::format(
          "echo >&3\n"
          "exec 3>&-\n"
          "exec env -i PATH=\"$PATH\" LC_ALL=C.UTF-8 AUTERITY_HOME={} AUTERITY_ENVIRONMENTS='{}' "
          "\\\n"
          "  {}/auterity autoscale run -e {} --yes --log-format json\n",
          platform.layout.home.string(), environments, platform.release(platform.pool()).string(),
          platform.layout.environment);
  return {.name = std::string(kAutoscaler),
          .files = {{"run", std::move(run), 0755},
                    {"notification-fd", "3\n"},
                    {"timeout-kill", "40000\n"},
                    end_leftovers_file(platform, kAutoscaler, {"auterity", "TERM", {}})}};
}

}  // namespace auterity::local
