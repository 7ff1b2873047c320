#include "cli/version.h"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <ostream>

#include "api/process/schema_range.h"
#include "cli/output.h"
#include "core/version.h"
#include "engine/execution/execution_json.h"

namespace auterity::cli {
namespace {

JsonObject span(int oldest, int newest) { return {{"oldest", oldest}, {"newest", newest}}; }

// A release's manifest takes these over.
JsonObject build_facts() {
  const api::SchemaRange schema = api::accepted_schema_revisions();
  return {{"version", version()},
          {"commit", commit()},
          {"committed_at", to_rfc3339(committed_at())},
          {"platform", platform()},
          {"schema", span(schema.oldest, schema.newest)},
          {"state_formats", span(engine::kOldestStateFormat, engine::kStateFormat)}};
}

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
      print_json(world, build_facts());
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
