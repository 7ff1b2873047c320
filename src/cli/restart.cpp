#include "cli/restart.h"

#include <fmt/format.h>

#include "cli/confirmation.h"
#include "cli/local_session.h"
#include "operations/restart/restart.h"

namespace auterity::cli {
namespace {

class RestartCommand final : public Command {
 public:
  CommandFacts facts() const override {
    return {.name = "restart",
            .group = CommandGroup::platform,
            .summary = "start components of a running platform anew, one process at a time",
            .details =
                "frontend: nginx and HAProxy; backend: API replicas and workers; database: "
                "PostgreSQL; redis; all: everything, in the order in which they need each "
                "other. Status, logs and counts are kept first."};
  }

  void declare(OptionSet& options) override {
    options.required_choice(operations::restart_components(), component_, "what to restart");
    options.flag("--plan", plan_, "print what would be done, and do nothing");
  }

  Async<Result<ExitCode>> run(World& world, const CommonOptions& common) override {
    AUTERITY_CO_TRY(session, LocalSession::open(world, common));
    operations::RestartOperation operation(session->context(), {component_, {}});
    if (plan_) {
      AUTERITY_CO_TRY(plan, co_await session->runner().plan(operation));
      print_plan(world, common, plan);
      co_return kDone;
    }
    AUTERITY_CO_CHECK(confirm(world, common, session->is_production(),
                              fmt::format("restart {} of {}", component_, common.environment)));
    AUTERITY_CO_TRY(result, co_await session->runner().start(operation));
    print_outcome(
        world, common, result, {{"environment", common.environment}, {"component", component_}},
        fmt::format("{} of {} runs anew, and the platform is healthy\nevidence of before: auterity "
                    "operations show {}\n",
                    component_, common.environment, result.id));
    co_return kDone;
  }

  std::string interruption_hint() const override { return operation_interruption_hint(); }

 private:
  std::string component_;
  bool plan_ = false;
};

}  // namespace

CommandPtr make_restart_command() { return std::make_unique<RestartCommand>(); }

}  // namespace auterity::cli
