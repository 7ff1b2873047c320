#include "operations/deploy/traffic.h"

#include <fmt/format.h>

#include "targets/local/haproxy_servers.h"
#include "targets/local/service_definition.h"
#include "targets/local/traffic_split.h"

namespace auterity::operations {
namespace {

std::string shares_text(const local::Platform& platform) {
  std::string text;
  for (const local::Pool& pool : platform.pools)
    text += fmt::format("{}{} {} %", text.empty() ? "" : ", ", pool.colour, pool.percent);
  return text;
}

}  // namespace

Async<Status> move_traffic(LocalContext& context, local::Platform platform) {
  AUTERITY_CO_CHECK(local::check_shares(platform.pools));
  AUTERITY_CO_CHECK(keep_platform(context, platform));
  auto supervisor = supervisor_of(context, platform);
  const local::ServiceDefinition haproxy = local::define_service(platform, "haproxy");
  AUTERITY_CO_CHECK(co_await supervisor.rewrite_service(haproxy));
  AUTERITY_CO_CHECK(co_await local::apply_split(context.clock, platform));
  co_return supervisor.confirm_started(haproxy);
}

Async<Result<Observation>> observe_traffic(LocalContext& context, local::Platform platform) {
  auto supervisor = supervisor_of(context, platform);
  if (!supervisor.runs_as_defined(local::define_service(platform, "haproxy")))
    co_return Observation{false, "HAProxy's file says otherwise"};
  AUTERITY_CO_TRY(servers, co_await local::find_servers(context.clock, platform));
  const auto commands = local::split_commands(platform, servers);
  if (!commands.empty())
    co_return Observation{false, "HAProxy divides requests otherwise: " + commands.front()};
  co_return Observation{true, shares_text(platform)};
}

}  // namespace auterity::operations
