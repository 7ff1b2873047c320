#pragma once
// What `auterity run` is asked, read and checked before anything starts.
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cli/option_set.h"
#include "cli/world.h"
#include "core/endpoint_overrides.h"
#include "core/error.h"
#include "core/json.h"

namespace auterity::cli {

// The texts as they stand on the command line.
struct RunArguments {
  std::string file;
  std::optional<std::string> input;
  std::vector<std::string> secrets;
  std::vector<std::string> event_files;
  std::vector<std::string> overrides;
  std::vector<std::string> workflows;
  std::optional<Duration> timeout;
  std::optional<std::string> events_file;
};
void declare_run_arguments(OptionSet& options, RunArguments& arguments);

struct RunOptions {
  Json input;  // null when none was given
  JsonObject secrets;
  std::vector<EndpointOverride> overrides;
};
// Errors: invalid_input and those of reading files; none holds a secret's value.
Result<RunOptions> read_run_options(World& world, const RunArguments& arguments);

}  // namespace auterity::cli
