#include "cli/validate.h"

#include <fmt/format.h>

#include <ostream>

#include "cli/definition_file.h"
#include "cli/evaluator_process.h"
#include "cli/finally.h"
#include "cli/output.h"
#include "engine/expression/definition_check.h"
#include "engine/expression/evaluator_pool.h"

namespace auterity::cli {
namespace {

struct FileReport {
  std::string file;
  std::vector<engine::Problem> problems;
  std::vector<engine::UnsupportedFeature> unsupported;
};

Json report_document(const std::vector<FileReport>& reports) {
  JsonArray files;
  bool valid = true;
  for (const FileReport& report : reports) {
    JsonArray problems, unsupported;
    for (const engine::Problem& problem : report.problems)
      problems.push_back(JsonObject{
          {"line", problem.line}, {"pointer", problem.pointer}, {"message", problem.message}});
    for (const engine::UnsupportedFeature& feature : report.unsupported)
      unsupported.push_back(JsonObject{{"pointer", feature.pointer}, {"feature", feature.feature}});
    valid = valid && report.problems.empty();
    files.push_back(JsonObject{{"file", report.file},
                               {"valid", report.problems.empty()},
                               {"problems", std::move(problems)},
                               {"unsupported", std::move(unsupported)}});
  }
  return JsonObject{{"valid", valid}, {"files", std::move(files)}};
}

class ValidateCommand final : public Command {
 public:
  CommandFacts facts() const override {
    return {.name = "validate",
            .group = CommandGroup::workflows,
            .summary = "check workflow definitions without running them",
            .details =
                "Prints a line for each problem, FILE:LINE: /json/pointer: message, and ends with "
                "1 if\n"
                "there was any. Opens no connection."};
  }

  void declare(OptionSet& options) override {
    options.required_arguments("FILE", files_, "a definition in YAML or JSON; - is standard input");
  }

  Async<Result<ExitCode>> run(World& world, const CommonOptions& common) override {
    const auto evaluator =
        engine::make_evaluator_pool(world.executor, world.clock, {.command = evaluator_command()});
    co_return co_await finally(check(world, common, *evaluator), evaluator->stop());
  }

 private:
  // A file that cannot be read ends the command, but not before the others have been reported.
  Async<Result<ExitCode>> check(World& world, const CommonOptions& common,
                                engine::Evaluator& evaluator) {
    std::vector<FileReport> reports;
    Status read;
    for (const std::string& file : files_) {
      auto text = read_document(world, file);
      if (!text) {
        if (read) read = std::unexpected(std::move(text).error());
        continue;
      }
      AUTERITY_CO_TRY(checked, co_await engine::check_definition(evaluator, std::move(*text)));
      reports.push_back({.file = file, .problems = std::move(checked.problems), .unsupported = {}});
      if (checked.definition) reports.back().unsupported = checked.definition->unsupported;
    }
    if (!common.json)
      print(world, reports, read.has_value());
    else if (read)
      print_json(world, report_document(reports));
    AUTERITY_CO_CHECK(read);
    for (const FileReport& report : reports)
      if (!report.problems.empty()) co_return kFailed;
    co_return kDone;
  }

  static void print(World& world, const std::vector<FileReport>& reports, bool complete) {
    std::size_t problems = 0;
    for (const FileReport& report : reports) {
      problems += report.problems.size();
      for (const engine::Problem& problem : report.problems)
        world.out << printable(engine::to_text(problem, report.file)) << '\n';
      for (const engine::UnsupportedFeature& feature : report.unsupported)
        world.err << printable(fmt::format("{}: {}: note: valid, but this build cannot run `{}`\n",
                                           report.file, feature.pointer, feature.feature));
    }
    if (problems == 0 && complete)
      world.err << fmt::format("{} valid\n",
                               reports.size() == 1 ? "the definition is" : "all definitions are");
  }

  std::vector<std::string> files_;
};

}  // namespace

CommandPtr make_validate_command() { return std::make_unique<ValidateCommand>(); }

}  // namespace auterity::cli
