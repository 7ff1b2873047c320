#include "cli/version.h"

#include <fmt/format.h>

#include <ostream>

#include "cli/output.h"
#include "core/version.h"

namespace auterity::cli {
namespace {

class VersionCommand final : public Command {
 public:
  CommandFacts facts() const override {
    return {.name = "version",
            .group = CommandGroup::program,
            .summary = "print which build this is",
            .details = ""};
  }

  void declare(OptionSet&) override {}

  Async<Result<ExitCode>> run(World& world, const CommonOptions& common) override {
    if (common.json) {
      print_json(world, JsonObject{{"version", version()}, {"platform", platform()}});
    } else {
      world.out << version_text() << '\n';
    }
    co_return kDone;
  }
};

}  // namespace

CommandPtr make_version_command() { return std::make_unique<VersionCommand>(); }

std::string version_text() { return fmt::format("auterity {} ({})", version(), platform()); }

}  // namespace auterity::cli
