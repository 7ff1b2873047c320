#include "cli/scale.h"

#include <fmt/format.h>

#include <charconv>

#include "cli/confirmation.h"
#include "cli/local_session.h"
#include "operations/scale/scale.h"

namespace auterity::cli {
namespace {

constexpr std::string_view kApi = "api=";
constexpr std::string_view kWorkers = "workers=";

std::unexpected<Error> refused(std::string message) {
  return fail(ErrorKind::invalid_input, std::move(message),
              "for example: auterity scale api=3 workers=2");
}

std::unexpected<Error> unreadable(const std::string& argument) {
  return refused(fmt::format("'{}' says no size", argument));
}

Status read_size(const std::string& argument, std::string_view name, std::optional<int>& size) {
  int number = 0;
  const char* end = argument.data() + argument.size();
  const auto [rest, error] = std::from_chars(argument.data() + name.size(), end, number);
  if (error != std::errc{} || rest != end || number < 0) return unreadable(argument);
  if (size) return refused(fmt::format("{} is given twice", name.substr(0, name.size() - 1)));
  size = number;
  return {};
}

Result<operations::ScaleWish> read_wish(const std::vector<std::string>& arguments) {
  operations::ScaleWish wish;
  for (const std::string& argument : arguments) {
    if (argument.starts_with(kApi))
      AUTERITY_CHECK(read_size(argument, kApi, wish.api));
    else if (argument.starts_with(kWorkers))
      AUTERITY_CHECK(read_size(argument, kWorkers, wish.workers));
    else
      return unreadable(argument);
  }
  return wish;
}

class ScaleCommand final : public Command {
 public:
  CommandFacts facts() const override {
    return {.name = "scale",
            .group = CommandGroup::platform,
            .summary = "change how many API replicas and workers run",
            .details =
                "New processes are ready before they get a request; those that go finish "
                "theirs first. The sizes are kept. The environment file sets the limits."};
  }

  void declare(OptionSet& options) override {
    options.required_arguments("SIZE", sizes_, "api=N, workers=N, or both");
    options.flag("--plan", plan_, "print what would be done, and do nothing");
  }

  Async<Result<ExitCode>> run(World& world, const CommonOptions& common) override {
    AUTERITY_CO_TRY(wish, read_wish(sizes_));
    AUTERITY_CO_TRY(session, LocalSession::open(world, common));
    AUTERITY_CO_TRY(environment, session->environment_file());
    operations::ScaleOperation operation(session->context(), std::move(environment), wish);
    auto runner = session->runner();
    AUTERITY_CO_TRY(plan, co_await runner.plan(operation));
    if (plan_) {
      print_plan(world, common, plan);
      co_return kDone;
    }
    AUTERITY_CO_CHECK(confirm(world, common, session->is_production() && !plan.steps.empty(),
                              fmt::format("change the size of {}", common.environment)));
    AUTERITY_CO_TRY(result, co_await runner.start(operation));
    const auto& sizes = operation.sizes();
    print_outcome(
        world, common, result,
        {{"environment", common.environment}, {"api", sizes.api}, {"workers", sizes.workers}},
        fmt::format("{} has {}{}\n", common.environment, operations::to_text(sizes),
                    result.id.empty() ? " already: nothing to do" : ""));
    co_return kDone;
  }

  std::string interruption_hint() const override { return operation_interruption_hint(); }

 private:
  std::vector<std::string> sizes_;
  bool plan_ = false;
};

}  // namespace

CommandPtr make_scale_command() { return std::make_unique<ScaleCommand>(); }

}  // namespace auterity::cli
