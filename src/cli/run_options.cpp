#include "cli/run_options.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/definition_file.h"

namespace auterity::cli {
namespace {

// "@FILE", "env:VARIABLE" or JSON.
Result<Json> read_secret(World& world, std::string_view text, const std::string& what) {
  if (!text.starts_with("env:")) return read_value(world, text, what);
  const std::string variable(text.substr(4));
  const std::string* value = find_variable(world.environment, variable);
  if (!value)
    return fail(ErrorKind::invalid_input,
                fmt::format("{}: the environment variable {} is not set", what, variable),
                "export it before the command");
  return read_value(world, *value, fmt::format("{}: the environment variable {}", what, variable));
}

Status add_secret(World& world, std::string_view text, JsonObject& secrets) {
  const std::size_t equals = text.find('=');
  if (equals == 0 || equals == std::string_view::npos)
    return fail(
        ErrorKind::invalid_input, "a --secret is not of the form NAME=JSON",
        "for example: --secret account=@account.json, or --secret 'account={\"token\":\"…\"}'");
  const std::string name(text.substr(0, equals));
  if (secrets.contains(name))
    return fail(ErrorKind::invalid_input, fmt::format("the secret {} is given twice", name),
                "give each secret once");
  AUTERITY_TRY(value, read_secret(world, text.substr(equals + 1), "--secret " + name));
  secrets[name] = std::move(value);
  return {};
}

// Standard input can be read once.
Status check_standard_input(const RunArguments& arguments) {
  int readers = arguments.file == "-" ? 1 : 0;
  if (arguments.input == "@-") ++readers;
  readers += static_cast<int>(std::ranges::count_if(
      arguments.secrets, [](const std::string& text) { return text.ends_with("=@-"); }));
  if (readers < 2) return {};
  return fail(ErrorKind::invalid_input, "standard input is asked for more than once",
              "give all but one of them as a file");
}

Status refuse_what_is_missing(const RunArguments& arguments) {
  if (!arguments.event_files.empty())
    return fail(ErrorKind::invalid_input,
                "--event-file feeds the task `listen`, which this build cannot run",
                "run a definition without `listen`, and leave the option out");
  if (!arguments.workflows.empty())
    return fail(ErrorKind::invalid_input,
                "--workflow serves the task `run: workflow`, which this build cannot run",
                "run a definition without `run: workflow`, and leave the option out");
  return {};
}

}  // namespace

void declare_run_arguments(OptionSet& options, RunArguments& arguments) {
  options.required_argument("FILE", arguments.file,
                            "the definition, in YAML or JSON; - is standard input");
  options.text("--input", "JSON|@FILE", arguments.input,
               "the workflow's input; @- is standard input, files may be YAML");
  options.list(
      "--secret", "NAME=JSON", arguments.secrets,
      "a value of $secrets; other users of this machine can see arguments, so prefer NAME=@FILE or "
      "NAME=env:VARIABLE");
  options.seconds("--timeout", arguments.timeout, "end with an error after this time");
  options.text("--events", "FILE", arguments.events_file,
               "write lifecycle events to it, one CloudEvent a line");
  options.list("--override-endpoint", "FROM=TO", arguments.overrides,
               "send requests for addresses that begin with FROM to TO, redirections included");
  options.list("--event-file", "FILE", arguments.event_files,
               "events for `listen`; not in this build");
  options.list("--workflow", "FILE", arguments.workflows,
               "definitions for `run: workflow`; not in this build");
}

Result<RunOptions> read_run_options(World& world, const RunArguments& arguments) {
  RunOptions options;
  AUTERITY_CHECK(refuse_what_is_missing(arguments));
  AUTERITY_CHECK(check_standard_input(arguments));
  for (const std::string& text : arguments.overrides) {
    AUTERITY_TRY(endpoint, parse_endpoint_override(text));
    options.overrides.push_back(std::move(endpoint));
  }
  for (const std::string& text : arguments.secrets)
    AUTERITY_CHECK(add_secret(world, text, options.secrets));
  if (arguments.input) {
    AUTERITY_TRY(input, read_value(world, *arguments.input, "--input"));
    options.input = std::move(input);
  }
  return options;
}

}  // namespace auterity::cli
