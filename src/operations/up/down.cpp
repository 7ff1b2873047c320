#include "operations/up/down.h"

#include <fmt/format.h>

#include <algorithm>

#include "operations/service_steps.h"
#include "operations/up/up_folder_steps.h"
#include "targets/local/wal_shipper_service.h"

namespace auterity::operations {
namespace {

constexpr std::string_view kStop = "stop-";
constexpr std::string_view kStopSupervisor = "stop-supervisor";
constexpr std::string_view kRunFolder = "run-folder";

int rank(std::string_view service) {
  if (service == local::kAutoscaler) return -1;
  if (service == "haproxy") return 0;
  if (service == "nginx") return 1;
  const local::PoolMember member = local::parse_member(service);
  if (!member.colour.empty()) return member.is_api() ? 3 : 2;
  if (service == "redis") return 4;
  // After PostgreSQL, whose last words are archived, too.
  return service == local::kWalShipper ? 6 : 5;
}

class StopSupervisorStep final : public Step {
 public:
  explicit StopSupervisorStep(local::Supervisor supervisor) : supervisor_(std::move(supervisor)) {}

  Async<Result<Observation>> observe() override {
    const bool running = supervisor_.running();
    co_return Observation{!running, running ? "s6-svscan runs" : "s6-svscan does not run"};
  }
  Async<Status> apply() override { co_return co_await supervisor_.stop(); }
  Async<Status> undo() override { co_return co_await supervisor_.start(); }

 private:
  local::Supervisor supervisor_;
};

// Sockets of processes that have ended; it is made anew by whoever starts them.
class RunFolderStep final : public Step {
 public:
  RunFolderStep(LocalContext& context, local::Platform platform)
      : context_(context), platform_(std::move(platform)) {}

  Async<Result<Observation>> observe() override {
    const bool there = context_.files.exists(platform_.layout.run);
    co_return Observation{!there,
                          platform_.layout.run.string() + (there ? " is there" : " is gone")};
  }
  Async<Status> apply() override { co_return context_.files.remove_tree(platform_.layout.run); }
  Async<Status> undo() override {
    co_return co_await make_folder_step(context_, platform_, "state-folder")->apply();
  }

 private:
  LocalContext& context_;
  local::Platform platform_;
};

}  // namespace

std::vector<std::string> stop_order(std::vector<std::string> services) {
  std::ranges::sort(services, {},
                    [](const std::string& name) { return std::pair(rank(name), name); });
  return services;
}

Plan plan_down(const std::string& environment, std::vector<std::string> running,
               bool supervisor_runs, bool run_folder_exists) {
  Plan plan{std::string(DownOperation::kKind), environment, {}, {}};
  for (const std::string& service : stop_order(std::move(running)))
    plan.steps.push_back({std::string(kStop) + service, "stop " + service, UndoPolicy::undo});
  if (supervisor_runs || !plan.steps.empty())
    plan.steps.push_back(
        {std::string(kStopSupervisor), "end the supervisor, s6-svscan", UndoPolicy::undo});
  if (run_folder_exists)
    plan.steps.push_back(
        {std::string(kRunFolder), "remove the folder of the services' sockets", UndoPolicy::undo});
  return plan;
}

Async<Result<Plan>> DownOperation::plan() {
  AUTERITY_CO_TRY(platform, load_platform(context_, false));
  auto supervisor = supervisor_of(context_, platform);
  AUTERITY_CO_TRY(installed, supervisor.installed_services());
  std::vector<std::string> running;
  for (const std::string& service : installed) {
    AUTERITY_CO_TRY(state, co_await supervisor.state(service));
    if (state.up) running.push_back(service);
  }
  co_return plan_down(context_.layout.environment, std::move(running), supervisor.running(),
                      context_.files.exists(platform.layout.run));
}

Result<std::unique_ptr<Step>> DownOperation::bind(const PlannedStep& step) {
  AUTERITY_TRY(platform, load_platform(context_, false));
  auto supervisor = supervisor_of(context_, platform);
  if (step.name == kStopSupervisor)
    return std::make_unique<StopSupervisorStep>(std::move(supervisor));
  if (step.name == kRunFolder)
    return std::make_unique<RunFolderStep>(context_, std::move(platform));
  if (step.name.starts_with(kStop))
    return make_stop_step(
        context_, [context = &context_] { return load_platform(*context, false); },
        step.name.substr(kStop.size()));
  return fail(ErrorKind::not_found, fmt::format("down has no step named {}", step.name),
              "the operation was begun by another version of auterity; use that one to go on");
}

}  // namespace auterity::operations
