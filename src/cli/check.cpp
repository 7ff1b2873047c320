#include "cli/check.h"

#include <ostream>

#include "cli/check_report.h"
#include "cli/local_session.h"
#include "cli/output.h"
#include "operations/check/check.h"

namespace auterity::cli {
namespace {

class CheckCommand final : public Command {
 public:
  CommandFacts facts() const override {
    return {.name = "check",
            .group = CommandGroup::platform,
            .summary = "tell whether an environment is fit for a deploy",
            .details =
                "Everything is checked at once, each part with a time limit. What could not be\n"
                "checked is skipped with the reason, and never passes. Exit code 1 if anything\n"
                "failed."};
  }

  void declare(OptionSet& options) override {
    options.text("--release", "VERSION", release_,
                 "the release to be deployed (default: the one in use)");
  }

  Async<Result<ExitCode>> run(World& world, const CommonOptions& common) override {
    AUTERITY_CO_TRY(session, LocalSession::open(world, common));
    AUTERITY_CO_TRY(environment, session->environment_file());
    auto platform = operations::load_platform(session->context(), true);
    if (!platform && platform.error().kind != ErrorKind::not_found)
      co_return std::unexpected(std::move(platform.error()));
    const operations::check::Subject subject{
        .context = session->context(),
        .environment = environment,
        .variables = world.environment,
        .platform = platform ? std::optional(std::move(*platform)) : std::nullopt,
        .release = release_};
    auto families = operations::check::all_families();
    const auto report = co_await operations::check::run(subject, families);
    if (common.json)
      print_json(world, Json(operations::check::to_json(report)));
    else
      world.out << report_text(report, world.terminal.out_is_terminal,
                               world.terminal.out_is_terminal ? world.terminal.columns : 0);
    co_return report.verdict() == operations::Verdict::fail ? kFailed : kDone;
  }

 private:
  std::string release_;
};

}  // namespace

CommandPtr make_check_command() { return std::make_unique<CheckCommand>(); }

}  // namespace auterity::cli
