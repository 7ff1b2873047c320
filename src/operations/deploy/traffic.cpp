#include "operations/deploy/traffic.h"

#include <fmt/format.h>

#include "targets/local/service_definition.h"
#include "targets/local/traffic_split.h"

namespace auterity::operations {
namespace {

constexpr Duration kComesBackWithin = std::chrono::seconds(15);
constexpr Duration kPoll = std::chrono::milliseconds(50);

std::string shares_text(const local::Platform& platform) {
  std::string text;
  for (const local::Pool& pool : platform.pools)
    text += fmt::format("{}{} {} %", text.empty() ? "" : ", ", pool.colour, pool.percent);
  return text;
}

}  // namespace

Async<Result<std::vector<local::BalancerServer>>> wait_for_servers(LocalContext& context,
                                                                   local::Platform platform) {
  const Duration deadline = context.clock.monotonic() + kComesBackWithin;
  for (;;) {
    auto servers = co_await local::find_servers(context.clock, platform);
    if (servers || context.clock.monotonic() > deadline) co_return servers;
    co_await context.clock.sleep(kPoll);
  }
}

Async<Status> move_traffic(LocalContext& context, local::Platform platform) {
  AUTERITY_CO_CHECK(local::check_shares(platform.pools));
  AUTERITY_CO_CHECK(keep_platform(context, platform));
  auto supervisor = supervisor_of(context, platform);
  const local::ServiceDefinition haproxy = local::define_service(platform, "haproxy");
  AUTERITY_CO_CHECK(co_await supervisor.rewrite_service(haproxy));
  AUTERITY_CO_CHECK(co_await wait_for_servers(context, platform));
  AUTERITY_CO_CHECK(co_await local::apply_split(context.clock, platform));
  co_return supervisor.confirm_started(haproxy);
}

Async<Result<Observation>> observe_traffic(LocalContext& context, local::Platform platform) {
  auto supervisor = supervisor_of(context, platform);
  if (!supervisor.runs_as_defined(local::define_service(platform, "haproxy")))
    co_return Observation{false, "HAProxy's file says otherwise"};
  AUTERITY_CO_TRY(servers, co_await wait_for_servers(context, platform));
  const auto commands = local::split_commands(platform, servers);
  if (!commands.empty())
    co_return Observation{false, "HAProxy divides requests otherwise: " + commands.front()};
  co_return Observation{true, shares_text(platform)};
}

}  // namespace auterity::operations
