#include "operations/scale/autoscale.h"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "operations/up/up_folder_steps.h"
#include "targets/local/service_definition.h"

namespace auterity::operations {
namespace {

constexpr const char* kSetting = "setting";
constexpr const char* kService = "service";

local::Platform with_autoscaler(local::Platform platform, bool wanted,
                                const std::string& environments) {
  platform.autoscaler.reset();
  if (wanted) platform.autoscaler = local::Autoscaler{environments};
  return platform;
}

class SettingStep final : public Step {
 public:
  SettingStep(LocalContext& context, bool wanted, std::string environments)
      : context_(context), wanted_(wanted), environments_(std::move(environments)) {}

  Async<Result<Observation>> observe() override {
    AUTERITY_CO_TRY(platform, load_platform(context_, false));
    const bool kept = platform.autoscaler.has_value();
    co_return Observation{kept == wanted_, kept ? "autoscaling is on" : "autoscaling is off"};
  }
  Async<Status> apply() override { return keep(wanted_); }
  Async<Status> undo() override { return keep(!wanted_); }

 private:
  Async<Status> keep(bool wanted) {
    AUTERITY_CO_TRY(loaded, load_platform(context_, false));
    const auto platform = with_autoscaler(std::move(loaded), wanted, environments_);
    co_return co_await make_folder_step(context_, platform, "state-folder")->apply();
  }

  LocalContext& context_;
  bool wanted_;
  std::string environments_;
};

class ServiceStep final : public Step {
 public:
  ServiceStep(local::Supervisor supervisor, local::ServiceDefinition service, bool wanted)
      : supervisor_(std::move(supervisor)), service_(std::move(service)), wanted_(wanted) {}

  Async<Result<Observation>> observe() override {
    AUTERITY_CO_TRY(state, co_await supervisor_.state(service_.name));
    const bool holds =
        wanted_ ? state.ready && supervisor_.runs_as_defined(service_) : !state.installed;
    co_return Observation{holds, std::string(state.name())};
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

}  // namespace

Plan plan_autoscale(const AutoscaleFacts& facts) {
  Plan plan{std::string(AutoscaleOperation::kKind), facts.environment, {}, {}};
  const auto add = [&](bool holds, const char* name, std::string description) {
    if (holds)
      plan.satisfied.emplace_back(name);
    else
      plan.steps.push_back({name, std::move(description), UndoPolicy::undo});
  };
  const auto setting = [&] {
    add(facts.kept == facts.wanted, kSetting,
        facts.wanted ? "keep that the platform changes its sizes by itself"
                     : "keep that the platform's sizes are changed by hand alone");
  };
  // What is kept is what `up` brings back: it never says less than what runs.
  if (facts.wanted) setting();
  add(facts.running == facts.wanted, kService,
      facts.wanted ? "start the autoscaler" : "stop and remove the autoscaler");
  if (!facts.wanted) setting();
  return plan;
}

std::unique_ptr<AutoscaleOperation> AutoscaleOperation::make(LocalContext& context,
                                                             const JsonObject& request) {
  const Json* on = request.if_contains("on");
  const bool wanted = on != nullptr && on->is_bool() && on->get_bool();
  return std::make_unique<AutoscaleOperation>(
      context, wanted, std::string(string_or(request.if_contains("environments"), "")));
}

Async<Result<Plan>> AutoscaleOperation::plan() {
  AUTERITY_CO_TRY(platform, load_platform(context_, false));
  auto supervisor = supervisor_of(context_, platform);
  if (!supervisor.running())
    co_return fail(ErrorKind::not_ready,
                   fmt::format("{} is not running", context_.layout.environment),
                   fmt::format("start it: auterity up -e {}", context_.layout.environment));
  AUTERITY_CO_TRY(state, co_await supervisor.state(std::string(local::kAutoscaler)));
  co_return plan_autoscale({context_.layout.environment, wanted_, platform.autoscaler.has_value(),
                            wanted_ ? state.ready : state.installed});
}

Result<std::unique_ptr<Step>> AutoscaleOperation::bind(const PlannedStep& step) {
  if (step.name == kSetting) return std::make_unique<SettingStep>(context_, wanted_, environments_);
  if (step.name == kService) {
    AUTERITY_TRY(platform, load_platform(context_, false));
    if (!platform.autoscaler) platform = with_autoscaler(std::move(platform), true, environments_);
    return std::make_unique<ServiceStep>(supervisor_of(context_, platform),
                                         local::define_autoscaler(platform), wanted_);
  }
  return fail(ErrorKind::not_found, fmt::format("autoscale has no step named {}", step.name),
              "the operation was begun by another version of auterity; use that one to go on");
}

}  // namespace auterity::operations
