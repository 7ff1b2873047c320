#include "cli/autoscale.h"

#include <fmt/format.h>

#include <filesystem>

#include "cli/confirmation.h"
#include "cli/local_session.h"
#include "operations/scale/autoscale.h"
#include "operations/scale/autoscaler.h"

namespace auterity::cli {
namespace {

class AutoscaleCommand final : public Command {
 public:
  CommandFacts facts() const override {
    return {.name = "autoscale",
            .group = CommandGroup::platform,
            .summary = "let the platform change its sizes by itself, or stop that",
            .details =
                "Replicas follow CPU and latency, workers the age of what waits; thresholds, "
                "limits and cool-downs are in the environment file.",
            .log_level = LogLevel::info};
  }

  void declare(OptionSet& options) override {
    options.required_choice({"on", "off"}, wish_, "what to do", {"run"});
    options.flag("--plan", plan_, "print what would be done, and do nothing");
  }

  Async<Result<ExitCode>> run(World& world, const CommonOptions& common) override {
    AUTERITY_CO_TRY(session, LocalSession::open(world, common));
    AUTERITY_CO_TRY(environment, session->environment_file());
    if (wish_ == "run") {
      LocalSession* const opened = session.get();
      operations::Autoscaler autoscaler(
          session->context(), std::move(environment),
          [opened](std::string reason) { return opened->autoscaler_runner(std::move(reason)); });
      co_await autoscaler.run();
      co_return kDone;
    }
    const auto folder = std::filesystem::path(environment.file()).parent_path();
    operations::AutoscaleOperation operation(
        session->context(), wish_ == "on",
        folder.empty() ? "" : std::filesystem::absolute(folder).string());
    auto runner = session->runner();
    AUTERITY_CO_TRY(plan, co_await runner.plan(operation));
    if (plan_) {
      print_plan(world, common, plan);
      co_return kDone;
    }
    AUTERITY_CO_CHECK(confirm(world, common, environment.is_production() && !plan.steps.empty(),
                              fmt::format("turn autoscaling of {} {}", common.environment, wish_)));
    AUTERITY_CO_TRY(result, co_await runner.start(operation));
    print_outcome(world, common, result,
                  {{"environment", common.environment}, {"autoscaling", wish_ == "on"}},
                  fmt::format("autoscaling of {} is {}{}\n", common.environment, wish_,
                              result.id.empty() ? " already" : ""));
    co_return kDone;
  }

  std::string interruption_hint() const override { return operation_interruption_hint(); }

 private:
  std::string wish_;
  bool plan_ = false;
};

}  // namespace

CommandPtr make_autoscale_command() { return std::make_unique<AutoscaleCommand>(); }

}  // namespace auterity::cli
