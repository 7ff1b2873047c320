#include "cli/release.h"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <ostream>

#include "cli/confirmation.h"
#include "cli/local_session.h"
#include "cli/output.h"
#include "core/counted.h"
#include "operations/release/release_build.h"
#include "operations/release/release_prune.h"
#include "operations/release/releases.h"

namespace auterity::cli {
namespace {

constexpr std::size_t kCommitDigits = 12;
constexpr NumberRange kKept{0, 1000};

// "0123456789ab-dirty"
std::string short_commit(const std::string& commit) {
  const std::size_t dash = commit.find('-');
  return commit.substr(0, std::min(dash, kCommitDigits)) +
         (dash == std::string::npos ? "" : commit.substr(dash));
}

class BuildCommand final : public Command {
 public:
  CommandFacts facts() const override {
    return {.name = "release build",
            .group = CommandGroup::releases,
            .summary = "package what is built as a release",
            .details =
                "Packages what `make build` left, and compiles nothing: a release folder "
                "with manifest and checksums in the environment, and an archive of it "
                "beside. A version never changes its content."};
  }

  void declare(OptionSet& options) override {
    options.text("--version", "V", version_, "the release's semantic version; needed");
    options.text("--program", "FILE", program_,
                 "the build to package, in its source tree (default: this program's)");
    options.flag("--plan", plan_, "print what would be done, and do nothing");
  }

  Async<Result<ExitCode>> run(World& world, const CommonOptions& common) override {
    if (version_.empty())
      co_return fail(ErrorKind::invalid_input, "the release needs a version",
                     "for example: auterity release build --version 1.4.0");
    AUTERITY_CO_TRY(session, LocalSession::open(world, common));
    const auto program = program_.empty() ? world.program : world.working_directory / program_;
    operations::ReleaseBuildOperation operation(session->context(),
                                                {version_, program.lexically_normal(), {}});
    auto runner = session->runner();
    AUTERITY_CO_TRY(plan, co_await runner.plan(operation));
    if (plan_) {
      print_plan(world, common, plan);
      co_return kDone;
    }
    AUTERITY_CO_CHECK(confirm(world, common, session->is_production() && !plan.steps.empty(),
                              fmt::format("add release {} to {}", version_, common.environment)));
    AUTERITY_CO_TRY(result, co_await runner.start(operation));
    const std::string folder = operation.folder().string();
    const std::string archive = operation.archive().string();
    print_outcome(world, common, result,
                  {{"environment", common.environment},
                   {"version", version_},
                   {"folder", folder},
                   {"archive", archive}},
                  fmt::format("release {} is {}{}\narchive: {}\n", version_,
                              result.id.empty() ? "there already, with the same content: " : "in ",
                              folder, archive));
    co_return kDone;
  }

  std::string interruption_hint() const override { return operation_interruption_hint(); }

 private:
  std::string version_;
  std::string program_;
  bool plan_ = false;
};

class ListCommand final : public Command {
 public:
  CommandFacts facts() const override {
    return {.name = "release list",
            .group = CommandGroup::releases,
            .summary = "list the releases of an environment, newest first",
            .details = "Every file of every release is compared with its manifest."};
  }
  void declare(OptionSet&) override {}

  Async<Result<ExitCode>> run(World& world, const CommonOptions& common) override {
    AUTERITY_CO_TRY(session, LocalSession::open(world, common));
    AUTERITY_CO_TRY(releases, operations::find_releases(session->context(), true));
    if (common.json) {
      JsonArray documents;
      for (const auto& release : releases) documents.push_back(operations::to_json(release));
      print_json(world, Json(std::move(documents)));
      co_return kDone;
    }
    std::vector<std::vector<std::string>> rows;
    for (const auto& release : releases) rows.push_back(row_of(release));
    world.out << table_text({"version", "state", "commit", "size", "schema", "archive"}, rows);
    for (const auto& release : releases)
      for (const std::string& line : release.damage)
        world.out << fmt::format("{}: {}\n", release.version, line);
    co_return kDone;
  }

 private:
  static std::vector<std::string> row_of(const operations::KnownRelease& release) {
    const std::string archive = release.archive.empty() ? "-" : release.archive;
    if (!release.manifest)
      return {release.version, operations::state_of(release), "-", "-", "-", archive};
    const local::ProgramFacts& facts = release.manifest->facts;
    return {release.version,
            operations::state_of(release),
            short_commit(facts.commit),
            size_text(release.manifest->size_bytes()),
            fmt::format("{} to {}", facts.schema.oldest, facts.schema.newest),
            archive};
  }
};

class PruneCommand final : public Command {
 public:
  CommandFacts facts() const override {
    return {.name = "release prune",
            .group = CommandGroup::releases,
            .summary = "remove old releases, never what is in use or what a rollback needs",
            .details = ""};
  }

  void declare(OptionSet& options) override {
    options.number("--keep", "N", keep_, kKept,
                   "how many of the others stay, the newest (default: 3)");
    options.flag("--plan", plan_, "print what would be done, and do nothing");
  }

  Async<Result<ExitCode>> run(World& world, const CommonOptions& common) override {
    AUTERITY_CO_TRY(session, LocalSession::open(world, common));
    operations::ReleasePruneOperation operation(session->context(), static_cast<int>(keep_));
    auto runner = session->runner();
    AUTERITY_CO_TRY(plan, co_await runner.plan(operation));
    if (plan_) {
      print_plan(world, common, plan);
      co_return kDone;
    }
    AUTERITY_CO_CHECK(confirm(
        world, common, session->is_production() && !plan.steps.empty(),
        fmt::format("remove {} of {}", counted(plan.steps.size(), "release"), common.environment)));
    AUTERITY_CO_TRY(result, co_await runner.start(operation));
    print_outcome(world, common, result, {{"removed", result.plan.steps.size()}},
                  result.id.empty() ? std::string("nothing to remove\n")
                                    : fmt::format("{} removed\n", result.plan.steps.size()));
    co_return kDone;
  }

  std::string interruption_hint() const override { return operation_interruption_hint(); }

 private:
  std::int64_t keep_ = 3;
  bool plan_ = false;
};

}  // namespace

CommandPtr make_release_build_command() { return std::make_unique<BuildCommand>(); }
CommandPtr make_release_list_command() { return std::make_unique<ListCommand>(); }
CommandPtr make_release_prune_command() { return std::make_unique<PruneCommand>(); }

}  // namespace auterity::cli
