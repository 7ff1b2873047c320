#include "operations/service_steps.h"
#include "core/moment.h"

#include <fmt/format.h>

#include <chrono>

namespace auterity::operations {
namespace {

class StopStep final : public Step {
 public:
  StopStep(LocalContext& context, PlatformSource platform, std::string service)
      : context_(context), platform_(std::move(platform)), service_(std::move(service)) {}

  Async<Result<Observation>> observe() override {
    AUTERITY_CO_TRY(platform, platform_());
    auto supervisor = supervisor_of(context_, platform);
    AUTERITY_CO_TRY(state, co_await supervisor.state(service_));
    co_return Observation{!state.up, std::string(state.name())};
  }
  Async<Status> apply() override {
    AUTERITY_CO_TRY(platform, platform_());
    auto supervisor = supervisor_of(context_, platform);
    co_return co_await supervisor.stop_service(service_);
  }
  Async<Status> undo() override {
    AUTERITY_CO_TRY(platform, platform_());
    auto supervisor = supervisor_of(context_, platform);
    co_return co_await supervisor.continue_service(service_);
  }

 private:
  LocalContext& context_;
  PlatformSource platform_;
  std::string service_;
};

class RemoveStep final : public Step {
 public:
  RemoveStep(LocalContext& context, PlatformSource platform, std::string service)
      : context_(context), platform_(std::move(platform)), service_(std::move(service)) {}

  Async<Result<Observation>> observe() override {
    AUTERITY_CO_TRY(platform, platform_());
    auto supervisor = supervisor_of(context_, platform);
    AUTERITY_CO_TRY(state, co_await supervisor.state(service_));
    co_return Observation{!state.installed, std::string(state.name())};
  }
  Async<Status> apply() override {
    AUTERITY_CO_TRY(platform, platform_());
    auto supervisor = supervisor_of(context_, platform);
    co_return co_await supervisor.remove_service(service_);
  }
  Async<Status> undo() override {
    AUTERITY_CO_TRY(platform, platform_());
    auto supervisor = supervisor_of(context_, platform);
    co_return co_await supervisor.start_service(local::define_service(platform, service_));
  }

 private:
  LocalContext& context_;
  PlatformSource platform_;
  std::string service_;
};

}  // namespace

PlatformSource fixed_platform(const local::Platform& platform) {
  return [&platform]() -> Result<local::Platform> { return platform; };
}

Async<Result<Observation>> StartServiceStep::observe() {
  AUTERITY_CO_TRY(platform, platform_());
  auto supervisor = supervisor_of(context_, platform);
  AUTERITY_CO_TRY(state, co_await supervisor.state(service_));
  if (!state.ready) co_return Observation{false, std::string(state.name())};
  if (!supervisor.runs_as_defined(local::define_service(platform, service_)))
    co_return Observation{false, "runs with other settings or another release"};
  co_return Observation{
      true, fmt::format("{} with pid {} since {}", state.name(), state.pid, moment(state.since))};
}

Async<Status> StartServiceStep::apply() {
  AUTERITY_CO_TRY(platform, platform_());
  auto supervisor = supervisor_of(context_, platform);
  co_return co_await supervisor.start_service(local::define_service(platform, service_));
}

Async<Status> StartServiceStep::undo() {
  AUTERITY_CO_TRY(platform, platform_());
  auto supervisor = supervisor_of(context_, platform);
  if (undone_ == UndoneStart::removed) co_return co_await supervisor.remove_service(service_);
  co_return co_await supervisor.stop_service(service_);
}

std::unique_ptr<Step> make_stop_step(LocalContext& context, PlatformSource platform,
                                     std::string service) {
  return std::make_unique<StopStep>(context, std::move(platform), std::move(service));
}

std::unique_ptr<Step> make_remove_step(LocalContext& context, PlatformSource platform,
                                       std::string service) {
  return std::make_unique<RemoveStep>(context, std::move(platform), std::move(service));
}

}  // namespace auterity::operations
