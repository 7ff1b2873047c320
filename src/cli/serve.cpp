#include "cli/serve.h"

#include "api/process/api_process.h"
#include "cli/process_role.h"

namespace auterity::cli {
namespace {

class ServeCommand final : public Command {
 public:
  CommandFacts facts() const override {
    return {.name = "serve",
            .group = CommandGroup::processes,
            .summary = "answer the HTTP API and run accepted executions",
            .details =
                "Configured by environment variables alone; `auterity settings` lists them. It "
                "listens at once and is\n"
                "ready when the database answers.\nSIGTERM ends it "
                "in good order; a second one does not wait.",
            .log_level = LogLevel::info,
            .stops_in_order = true};
  }
  void declare(OptionSet&) override {}

  Async<Result<ExitCode>> run(World& world, const CommonOptions&) override {
    AUTERITY_CO_TRY(settings, process_settings(world));
    AUTERITY_CO_TRY(process, api::ApiProcess::make(outside_of(world), std::move(settings)));
    AUTERITY_CO_CHECK(process->listen());
    AUTERITY_CO_CHECK(co_await process->run(world.stop.wait()));
    co_return kDone;
  }
};

}  // namespace

CommandPtr make_serve_command() { return std::make_unique<ServeCommand>(); }

}  // namespace auterity::cli
