#include "operations/scale/scale_steps.h"

#include <fmt/format.h>

#include <algorithm>

#include "operations/deploy/traffic.h"
#include "operations/rotation_steps.h"
#include "operations/up_folder_steps.h"
#include "operations/up_service_steps.h"
#include "targets/local/haproxy_servers.h"

namespace auterity::operations {
namespace {

using namespace scale_step;

// A process that is there, or that is not: one is the other's undoing.
class ProcessStep final : public Step {
 public:
  // `platform` has the service.
  ProcessStep(LocalContext& context, const local::Platform& platform, std::string_view service,
              bool wanted)
      : supervisor_(supervisor_of(context, platform)),
        service_(local::define_service(platform, service)),
        wanted_(wanted) {}

  Async<Result<Observation>> observe() override {
    AUTERITY_CO_TRY(state, co_await supervisor_.state(service_.name));
    if (!wanted_) co_return Observation{!state.installed, std::string(state.name())};
    const bool holds = state.ready && supervisor_.runs_as_defined(service_);
    co_return Observation{holds, fmt::format("{} with pid {}", state.name(), state.pid)};
  }
  Async<Status> apply() override { return set(wanted_); }
  Async<Status> undo() override { return set(!wanted_); }

 private:
  Async<Status> set(bool there) {
    return there ? supervisor_.start_service(service_) : supervisor_.remove_service(service_.name);
  }

  local::Supervisor supervisor_;
  local::ServiceDefinition service_;
  bool wanted_;
};

// Kept sizes, and who gets requests.
class SizesStep final : public Step {
 public:
  SizesStep(LocalContext& context, const local::Platform& before, const local::Platform& after)
      : context_(context), before_(before), after_(after) {}

  Async<Result<Observation>> observe() override {
    AUTERITY_CO_TRY(kept, load_platform(context_, false));
    if (kept.pool().replicas != after_.pool().replicas ||
        kept.pool().workers != after_.pool().workers)
      co_return Observation{false, fmt::format("{} API replicas, {} workers", kept.pool().replicas,
                                               kept.pool().workers)};
    co_return co_await observe_traffic(context_, after_);
  }
  Async<Status> apply() override { co_return co_await take_over(after_); }
  Async<Status> undo() override { co_return co_await take_over(before_); }

 private:
  Async<Status> take_over(const local::Platform& platform) {
    AUTERITY_CO_CHECK(co_await make_folder_step(context_, platform, "state-folder")->apply());
    AUTERITY_CO_TRY(servers, co_await local::find_servers(context_.clock, platform));
    const auto has_place = [&](const std::string& name) {
      return std::ranges::find(servers, name, &local::BalancerServer::name) != servers.end();
    };
    // Beyond the places that HAProxy has it takes up a new configuration.
    if (!std::ranges::all_of(platform.pool().api_names(), has_place))
      co_return co_await make_service_step(context_, platform, "haproxy")->apply();
    co_return co_await move_traffic(context_, platform);
  }

  LocalContext& context_;
  const local::Platform& before_;
  const local::Platform& after_;
};

}  // namespace

std::unique_ptr<Step> make_scale_step(LocalContext& context, const local::Platform& before,
                                      const local::Platform& after, const std::string& name) {
  const auto service = [&](std::string_view verb) { return name.substr(verb.size()); };
  if (name == kSizes) return std::make_unique<SizesStep>(context, before, after);
  if (name == kHealth) return make_service_step(context, after, name);
  if (name.starts_with(kStart))
    return std::make_unique<ProcessStep>(context, after, service(kStart), true);
  if (name.starts_with(kDrain)) return make_drain_step(context, before, service(kDrain));
  if (name.starts_with(kRetire))
    return std::make_unique<ProcessStep>(context, before, service(kRetire), false);
  return nullptr;
}

}  // namespace auterity::operations
