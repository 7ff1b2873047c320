#include "operations/rotation_steps.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/counted.h"
#include "operations/kept_step.h"
#include "targets/local/haproxy_admin.h"
#include "targets/local/haproxy_servers.h"

namespace auterity::operations {
namespace {

constexpr Duration kDrainLimit = std::chrono::seconds(20);
constexpr Duration kReturnLimit = std::chrono::seconds(30);
constexpr Duration kPoll = std::chrono::milliseconds(50);

Async<Result<local::BalancerServer>> find_server(LocalContext& context, local::Platform platform,
                                                 std::string service) {
  AUTERITY_CO_TRY(servers, co_await local::find_servers(context.clock, platform));
  const auto server = std::ranges::find(servers, service, &local::BalancerServer::name);
  if (server == servers.end())
    co_return fail(ErrorKind::not_found, fmt::format("HAProxy knows no server {}", service),
                   "auterity up writes its configuration anew");
  co_return std::move(*server);
}

Async<Status> set_state(LocalContext& context, local::Platform platform, std::string service,
                        std::string state) {
  AUTERITY_CO_TRY(answer, co_await local::haproxy_command(
                              context.clock, platform.layout.socket("haproxy-admin"),
                              fmt::format("set server api/{} state {}", service, state)));
  // Silence is consent.
  std::erase(answer, '\n');
  if (answer.empty()) co_return Status{};
  co_return fail(ErrorKind::failed, "HAProxy refused: " + answer,
                 "auterity up writes its configuration anew");
}

// Drained first, so that its requests come to their end; then in maintenance, since of a server
// that is down, which may be why it is to be restarted, HAProxy does not say that it is drained.
class DrainStep final : public Step {
 public:
  DrainStep(LocalContext& context, const local::Platform& platform, std::string service)
      : context_(context), platform_(platform), service_(std::move(service)) {}

  Async<Result<Observation>> observe() override {
    AUTERITY_CO_TRY(server, co_await find_server(context_, platform_, service_));
    co_return Observation{
        server.in_maintenance(),
        fmt::format("{} with {} under way", server.status,
                    counted(static_cast<std::uint64_t>(server.requests), "request"))};
  }

  Async<Status> apply() override {
    AUTERITY_CO_CHECK(co_await set_state(context_, platform_, service_, "drain"));
    // Event streams would last; their clients connect again and reach another replica.
    AUTERITY_CO_CHECK(co_await supervisor_of(context_, platform_).signal_service(service_, "-1"));
    const Duration deadline = context_.clock.monotonic() + kDrainLimit;
    for (;;) {
      AUTERITY_CO_TRY(server, co_await find_server(context_, platform_, service_));
      if (server.requests == 0 || context_.clock.monotonic() > deadline) break;
      co_await context_.clock.sleep(kPoll);
    }
    co_return co_await set_state(context_, platform_, service_, "maint");
  }

  Async<Status> undo() override {
    co_return co_await set_state(context_, platform_, service_, "ready");
  }

 private:
  LocalContext& context_;
  const local::Platform& platform_;
  std::string service_;
};

class ReturnStep final : public KeptStep {
 public:
  ReturnStep(LocalContext& context, const local::Platform& platform, std::string service)
      : context_(context), platform_(platform), service_(std::move(service)) {}

  Async<Result<Observation>> observe() override {
    AUTERITY_CO_TRY(server, co_await find_server(context_, platform_, service_));
    co_return Observation{server.up(), server.status};
  }

  Async<Status> apply() override {
    AUTERITY_CO_CHECK(co_await set_state(context_, platform_, service_, "ready"));
    const Duration deadline = context_.clock.monotonic() + kReturnLimit;
    for (;;) {
      AUTERITY_CO_TRY(seen, co_await observe());
      if (seen.holds) co_return Status{};
      if (context_.clock.monotonic() > deadline)
        co_return fail(ErrorKind::not_ready,
                       fmt::format("HAProxy sees {} as {}", service_, seen.evidence),
                       "see its log in " + (platform_.layout.logs() / service_).string());
      co_await context_.clock.sleep(kPoll);
    }
  }

 private:
  LocalContext& context_;
  const local::Platform& platform_;
  std::string service_;
};

}  // namespace

std::unique_ptr<Step> make_drain_step(LocalContext& context, const local::Platform& platform,
                                      std::string service) {
  return std::make_unique<DrainStep>(context, platform, std::move(service));
}

std::unique_ptr<Step> make_return_step(LocalContext& context, const local::Platform& platform,
                                       std::string service) {
  return std::make_unique<ReturnStep>(context, platform, std::move(service));
}

}  // namespace auterity::operations
