#include "cli/check.h"

#include <fmt/format.h>

#include <ostream>

#include "cli/local_session.h"
#include "cli/output.h"
#include "operations/check/check.h"

namespace auterity::cli {
namespace {

using operations::Verdict;

struct Mark {
  std::string_view sign, colour;
};

Mark mark_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::pass:
      return {"✓", "\033[32m"};
    case Verdict::warn:
      return {"!", "\033[33m"};
    case Verdict::fail:
      return {"✗", "\033[31m"};
    case Verdict::skipped:
      return {"-", "\033[2m"};
  }
  return {};
}

std::string report_text(const operations::check::Report& report, bool coloured) {
  std::string text;
  std::size_t counts[4] = {};
  for (const auto& [id, judgement, duration] : report.findings) {
    const Mark mark = mark_of(judgement.verdict);
    ++counts[static_cast<std::size_t>(judgement.verdict)];
    text += fmt::format("{}{}{} {:<28} {}{}\n", coloured ? mark.colour : "", mark.sign,
                        coloured ? "\033[0m" : "", id,
                        judgement.verdict == Verdict::skipped ? "skipped: " : "",
                        printable(judgement.evidence));
    if (judgement.verdict != Verdict::pass && !judgement.hint.empty())
      text += fmt::format("  {:<28} hint: {}\n", "", printable(judgement.hint));
  }
  return text + fmt::format("{}: {} passed, {} warnings, {} failed, {} skipped\n",
                            operations::name_of(report.verdict()), counts[0], counts[1], counts[2],
                            counts[3]);
}

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
        .release = release_,
        .proven_backup_at = std::nullopt};
    auto families = operations::check::all_families();
    const auto report = co_await operations::check::run(subject, families);
    if (common.json)
      print_json(world, Json(operations::check::to_json(report)));
    else
      world.out << report_text(report, world.terminal.out_is_terminal);
    co_return report.verdict() == Verdict::fail ? kFailed : kDone;
  }

 private:
  std::string release_;
};

}  // namespace

CommandPtr make_check_command() { return std::make_unique<CheckCommand>(); }

}  // namespace auterity::cli
