#include "operations/scale/scale_steps.h"

#include <fmt/format.h>

#include <algorithm>

#include "operations/deploy/traffic.h"
#include "operations/rotation_steps.h"
#include "operations/scale/scale.h"
#include "operations/service_steps.h"
#include "operations/up/up_folder_steps.h"
#include "operations/up/up_service_steps.h"
#include "targets/local/haproxy_servers.h"

namespace auterity::operations {
namespace {

using namespace scale_step;

// Kept sizes, and who gets requests.
class SizesStep final : public Step {
 public:
  SizesStep(LocalContext& context, const local::Platform& before, const local::Platform& after)
      : context_(context), before_(before), after_(after) {}

  Async<Result<Observation>> observe() override {
    AUTERITY_CO_TRY(kept, load_platform(context_, false));
    if (kept.pool().replicas != after_.pool().replicas ||
        kept.pool().workers != after_.pool().workers)
      co_return Observation{false,
                            to_text(PlatformSizes{kept.pool().replicas, kept.pool().workers})};
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
    return std::make_unique<StartServiceStep>(context, fixed_platform(after), service(kStart),
                                              UndoneStart::removed);
  if (name.starts_with(kDrain)) return make_drain_step(context, before, service(kDrain));
  if (name.starts_with(kRetire))
    return make_remove_step(context, fixed_platform(before), service(kRetire));
  return nullptr;
}

}  // namespace auterity::operations
