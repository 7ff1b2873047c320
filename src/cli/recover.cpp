#include "cli/recover.h"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <ostream>

#include "cli/confirmation.h"
#include "cli/output.h"
#include "cli/recover_session.h"

namespace auterity::cli {
namespace {

class RecoverCommand final : public Command {
 public:
  CommandFacts facts() const override {
    return {.name = "recover",
            .group = CommandGroup::data,
            .summary = "build the platform again out of its backups alone",
            .details =
                "Settings and secrets, the database with its log, uploads, then the application, "
                "workers last. What is there is stopped and put aside, not deleted. Ends with what "
                "was lost (rpo_seconds) and how long it took (rto_seconds), and with a list of the "
                "executions that were under way."};
  }

  void declare(OptionSet& options) override {
    options.text("--backup", "ID", backup_,
                 "the backup to begin with; `latest` (the default) is the newest proven one");
    options.text("--to", "TIME", to_,
                 "as of this time, to the second, like 2026-11-24T10:30:00Z (default: everything)");
    options.text("--into", "ENVIRONMENT", into_,
                 "build it in another environment of this machine, and leave this one alone");
    options.flag("--plan", plan_, "print what would be done, and do nothing");
  }

  Async<Result<ExitCode>> run(World& world, const CommonOptions& common) override {
    AUTERITY_CO_TRY(to, wanted_time());
    CommonOptions built = common;
    if (!into_.empty()) built.environment = into_;
    AUTERITY_CO_TRY(session, into_.empty() ? LocalSession::open(world, built)
                                           : LocalSession::open_new(world, built));
    AUTERITY_CO_TRY(operation,
                    make_recover_operation(world, *session, common.environment, {backup_, to}));
    auto runner = session->runner();
    AUTERITY_CO_TRY(plan, co_await runner.plan(*operation));
    if (plan_) {
      print_plan(world, common, plan);
      co_return kDone;
    }
    world.err << operations::changes_text(plan);
    AUTERITY_CO_CHECK(confirm(world, built, session->is_production() || operation->replaces_data(),
                              fmt::format("replace what environment {} holds", built.environment)));
    AUTERITY_CO_TRY(result, co_await runner.start(*operation));
    print_result(world, built, *operation, result);
    co_return kDone;
  }

  std::string interruption_hint() const override { return operation_interruption_hint(); }

 private:
  Result<std::optional<Time>> wanted_time() const {
    if (to_.empty()) return std::nullopt;
    const auto time = parse_rfc3339(to_);
    if (time && *time == std::chrono::floor<std::chrono::seconds>(*time)) return time;
    return fail(ErrorKind::invalid_input,
                fmt::format("--to: {} is no time to the second", printable(to_)),
                "give it like 2026-11-24T10:30:00Z or 2026-11-24T11:30:00+01:00");
  }

  static void print_result(World& world, const CommonOptions& common,
                           const operations::RecoverOperation& operation,
                           const operations::RunResult& result) {
    JsonObject facts{{"environment", common.environment},
                     {"url", operation.platform().api_url()},
                     {"version", operation.platform().pool().version}};
    const Json report = operation.report();
    if (report.is_object())
      for (const auto& [name, value] : report.get_object()) facts[name] = value;
    print_outcome(
        world, common, result, std::move(facts),
        fmt::format("{} is recovered, at {}\n{}\nhow each execution goes on: auterity "
                    "operations show {} -e {}\n",
                    common.environment, operation.platform().api_url(),
                    string_or(find_member(report, "evidence"), ""), result.id, common.environment));
  }

  std::string backup_ = "latest";
  std::string to_;
  std::string into_;
  bool plan_ = false;
};

}  // namespace

CommandPtr make_recover_command() { return std::make_unique<RecoverCommand>(); }

}  // namespace auterity::cli
