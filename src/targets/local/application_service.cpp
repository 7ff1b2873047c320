// The API replicas and the workers: the release's own program in the roles `serve` and `work`,
// configured by environment variables alone. The variables are files that only root (or the
// platform's owner) reads; s6-envdir turns them into the environment.
#include <fmt/format.h>

#include <cassert>
#include <utility>
#include <vector>

#include "targets/local/service_definition.h"

namespace auterity::local {
namespace {

using Variables = std::vector<std::pair<std::string_view, std::string>>;

std::string metrics_address(const Platform& platform, std::string_view name) {
  return fmt::format("unix:{}", platform.layout.socket(fmt::format("{}.metrics", name)).string());
}

// Whoever is there at the moment: who that is changes with releases and scale.
std::string metrics_peers(const Platform& platform) { return metrics_address(platform, "*"); }

Variables shared_variables(const Platform& platform, std::string_view name) {
  const PoolMember member = parse_member(name);
  Variables variables{{"PATH", "/usr/local/bin:/usr/bin:/bin"},
                      {"DATABASE_URL", platform.service_database_url()},
                      {"REDIS_URL", platform.redis_url()},
                      {"JWT_SECRET_KEY", platform.credentials.jwt_secret_key},
                      {"AUTERITY_SECRETS_KEY", platform.credentials.secrets_key},
                      {"AUTERITY_OBJECTS", platform.layout.objects().string()},
                      {"AUTERITY_OPERATIONS", platform.layout.operations().string()},
                      {"API_BASE_URL", platform.api_url()},
                      {"AUTERITY_INSTANCE", std::string(member.component)},
                      {"AUTERITY_COLOUR", std::string(member.colour)},
                      {"AUTERITY_METRICS_LISTEN", metrics_address(platform, name)},
                      {"AUTERITY_METRICS_PEERS", metrics_peers(platform)},
                      {"AUTERITY_READY_FD", "3"}};
  if (!platform.ai_service_url.empty())
    variables.emplace_back("AUTERITY_AI_SERVICE_URL", platform.ai_service_url);
  return variables;
}

ServiceDefinition define_role(const Platform& platform, std::string_view name,
                              std::string_view role, Variables variables) {
  const Pool* pool = platform.find_pool(parse_member(name).colour);
  assert(pool != nullptr && "names come from Platform::service_names()");
  std::string run =
      run_script_head(platform, name) +
      fmt::format(
          "# release {}\n"
          "exec env -i PATH=\"$PATH\" s6-envdir data/env {}{}/auterity {}\n",
          pool->release_digest, drop_privileges(platform), platform.release(*pool).string(), role);
  ServiceDefinition service{
      .name = std::string(name),
      .files = {{"run", std::move(run), 0755},
                {"notification-fd", "3\n"},
                {"timeout-kill", "40000\n"},  // after the drain
                end_leftovers_file(platform, name, {"auterity", "KILL", {}})}};
  for (auto& [variable, value] : variables)
    service.files.push_back({fmt::format("data/env/{}", variable), value + "\n", 0600});
  return service;
}

}  // namespace

ServiceDefinition define_api(const Platform& platform, std::string_view name) {
  Variables variables = shared_variables(platform, name);
  variables.emplace_back("AUTERITY_LISTEN",
                         fmt::format("unix:{}", platform.layout.socket(name).string()));
  return define_role(platform, name, "serve", std::move(variables));
}

ServiceDefinition define_worker(const Platform& platform, std::string_view name) {
  return define_role(platform, name, "work", shared_variables(platform, name));
}

}  // namespace auterity::local
