#include "cli/work.h"

#include "api/process/worker_process.h"
#include "cli/process_role.h"

namespace auterity::cli {
namespace {

class WorkCommand final : public Command {
 public:
  CommandFacts facts() const override {
    return {.name = "work",
            .group = CommandGroup::processes,
            .summary = "run executions and the platform's duties",
            .details =
                "Configured by environment variables alone; `auterity settings` lists them. It "
                "begins when the\n"
                "database answers with its schema.\nSIGTERM ends it "
                "in good order; a second one does not wait.",
            .log_level = LogLevel::info,
            .stops_in_order = true};
  }
  void declare(OptionSet&) override {}

  Async<Result<ExitCode>> run(World& world, const CommonOptions&) override {
    AUTERITY_CO_TRY(settings, process_settings(world));
    AUTERITY_CO_TRY(process, api::WorkerProcess::make(outside_of(world), std::move(settings)));
    AUTERITY_CO_CHECK(process->listen());
    AUTERITY_CO_CHECK(co_await process->run(world.stop.wait()));
    co_return kDone;
  }
};

}  // namespace

CommandPtr make_work_command() { return std::make_unique<WorkCommand>(); }

}  // namespace auterity::cli
