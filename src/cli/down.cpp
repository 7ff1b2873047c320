#include "cli/down.h"

#include <fmt/format.h>

#include "cli/confirmation.h"
#include "cli/local_session.h"
#include "operations/up/down.h"

namespace auterity::cli {
namespace {

class DownCommand final : public Command {
 public:
  CommandFacts facts() const override {
    return {.name = "down",
            .group = CommandGroup::platform,
            .summary = "stop the platform of an environment on this machine; data stays",
            .details = ""};
  }

  void declare(OptionSet& options) override {
    options.flag("--plan", plan_, "print what would be done, and do nothing");
  }

  Async<Result<ExitCode>> run(World& world, const CommonOptions& common) override {
    AUTERITY_CO_TRY(session, LocalSession::open(world, common));
    operations::DownOperation operation(session->context());
    auto runner = session->runner();
    AUTERITY_CO_TRY(plan, co_await runner.plan(operation));
    if (plan_) {
      print_plan(world, common, plan);
      co_return kDone;
    }
    AUTERITY_CO_CHECK(confirm(world, common, session->is_production() && !plan.steps.empty(),
                              fmt::format("stop {} on this machine", common.environment)));
    AUTERITY_CO_TRY(result, co_await runner.start(operation));
    print_outcome(world, common, result, {{"environment", common.environment}},
                  fmt::format("{} {}\n", common.environment,
                              result.id.empty() ? "is down already: nothing to do"
                                                : "is down; its data stays"));
    co_return kDone;
  }

  std::string interruption_hint() const override { return operation_interruption_hint(); }

 private:
  bool plan_ = false;
};

}  // namespace

CommandPtr make_down_command() { return std::make_unique<DownCommand>(); }

}  // namespace auterity::cli
