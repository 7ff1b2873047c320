#include "cli/run.h"

#include <fmt/format.h>

#include <ostream>

#include "cli/definition_file.h"
#include "cli/event_file.h"
#include "cli/finally.h"
#include "cli/local_engine.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "cli/run_options.h"
#include "engine/execution/workflow_error.h"
#include "engine/expression/definition_check.h"

namespace auterity::cli {
namespace {

// Secrets never show in log lines, whatever they stand in.
void hide(Redactor& redactor, const Json& value) {
  if (const auto* text = value.if_string())
    redactor.add(std::string(*text));
  else if (const auto* object = value.if_object())
    for (const auto& member : *object) hide(redactor, member.value());
  else if (const auto* list = value.if_array())
    for (const Json& item : *list) hide(redactor, item);
}

// What the parts of one run share.
struct Run {
  World& world;
  const CommonOptions& common;
  LocalEngine& local;
  Progress& progress;
};

class RunCommand final : public Command {
 public:
  CommandFacts facts() const override {
    return {.name = "run",
            .group = CommandGroup::workflows,
            .summary = "run one workflow definition here, without any service",
            .details =
                "The workflow's output is one JSON document on standard output (null when it is "
                "empty). A\n"
                "workflow that faults ends with 1 and its error, {type, status, title, detail, "
                "instance},\n"
                "as the last line on standard error; a definition that is not valid ends with 2.\n"
                "Nothing is kept: for workflows that survive crashes, see: auterity up"};
  }

  void declare(OptionSet& options) override { declare_run_arguments(options, arguments_); }

  Async<Result<ExitCode>> run(World& world, const CommonOptions& common) override {
    AUTERITY_CO_TRY(options, read_run_options(world, arguments_));
    AUTERITY_CO_TRY(text, read_document(world, arguments_.file));
    for (const auto& secret : options.secrets) hide(world.redactor, secret.value());
    std::unique_ptr<EventFile> events;
    if (arguments_.events_file) {
      AUTERITY_CO_TRY(file, EventFile::open(world.working_directory / *arguments_.events_file));
      events = std::move(file);
    }
    Progress progress(world);
    LocalEngine local(world, {.secrets = std::move(options.secrets),
                              .overrides = std::move(options.overrides),
                              .folder = folder(world),
                              .on_lifecycle = [&](const Json& event) {
                                if (events) events->append(event);
                                if (const Json* task = find_pointer(event, "/data/task"))
                                  progress.at(printable(string_or(task, "")));
                              }});
    const Run run{.world = world, .common = common, .local = local, .progress = progress};
    AUTERITY_CO_TRY(code, co_await finally(execute(run, std::move(text), std::move(options.input)),
                                           local.close()));
    if (events) AUTERITY_CO_CHECK(events->written());
    co_return code;
  }

  std::string interruption_hint() const override {
    return "the execution is gone, since `auterity run` keeps nothing; calls that it made were "
           "made";
  }

 private:
  std::filesystem::path folder(const World& world) const {
    if (arguments_.file == "-") return world.working_directory;
    return (world.working_directory / arguments_.file).parent_path();
  }

  Async<Result<ExitCode>> execute(Run run, std::string text, Json input) {
    AUTERITY_CO_TRY(checked,
                    co_await engine::check_definition(run.local.evaluator(), std::move(text)));
    AUTERITY_CO_CHECK(refuse_problems(run.world, checked));
    const engine::Definition& definition = *checked.definition;
    run.progress.begin(fmt::format("running {}/{} {}", definition.name_space, definition.name,
                                   definition.version));
    AUTERITY_CO_TRY(
        view, co_await run.local.execute(checked.definition, std::move(input), arguments_.timeout));
    if (view.status == engine::ExecutionStatus::completed) {
      run.progress.done("completed");
      print_json(run.world, view.output);
      co_return kDone;
    }
    const bool ended = is_terminal(view.status);
    const Json error = ended ? view.error : timeout_error();
    run.progress.failed(fmt::format("{} at {}", ended ? to_text(view.status) : "timed out",
                                    string_or(find_member(error, "instance"), "/")));
    if (run.common.json) print_json(run.world, JsonObject{{"error", error}});
    run.world.err << auterity::to_text(error) << '\n';
    co_return kFailed;
  }

  Json timeout_error() const {
    const double seconds = std::chrono::duration<double>(*arguments_.timeout).count();
    return engine::make_error(
               engine::StandardError::timeout,
               fmt::format("the execution did not end within the {:g} s of --timeout", seconds),
               "/do")
        .to_json();
  }

  // Problems are listed as `validate` does, what this build cannot run as well.
  Status refuse_problems(World& world, const engine::CheckedDefinition& checked) const {
    for (const engine::Problem& problem : checked.problems)
      world.err << printable(engine::to_text(problem, arguments_.file)) << '\n';
    if (!checked.problems.empty())
      return fail(ErrorKind::invalid_input,
                  fmt::format("{} is not a valid definition", arguments_.file),
                  fmt::format("mend the places above, then check them with: auterity validate {}",
                              arguments_.file));
    const auto& unsupported = checked.definition->unsupported;
    for (const engine::UnsupportedFeature& feature : unsupported)
      world.err << printable(fmt::format("{}: {}: this build cannot run `{}`\n", arguments_.file,
                                         feature.pointer, feature.feature));
    if (unsupported.empty()) return {};
    return fail(ErrorKind::invalid_input,
                fmt::format("{} uses what this build cannot run", arguments_.file),
                "leave these parts out, or use another task for them");
  }

  RunArguments arguments_;
};

}  // namespace

CommandPtr make_run_command() { return std::make_unique<RunCommand>(); }

}  // namespace auterity::cli
