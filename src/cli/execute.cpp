#include "cli/execute.h"

#include <fmt/format.h>

#include <array>
#include <boost/json.hpp>
#include <ostream>

#include "cli/local_session.h"
#include "cli/output.h"
#include "cli/platform_client.h"
#include "cli/progress.h"

namespace auterity::cli {
namespace {

constexpr Duration kDefaultWait = std::chrono::seconds(60);
constexpr Duration kPoll = std::chrono::milliseconds(250);

bool has_ended(std::string_view status) {
  for (const std::string_view end : {"completed", "faulted", "cancelled"})
    if (status == end) return true;
  return false;
}

class ExecuteCommand final : public Command {
 public:
  CommandFacts facts() const override {
    return {.name = "execute",
            .group = CommandGroup::workflows,
            .summary = "publish a definition on the running platform and execute it there",
            .details =
                "Publishing the same definition again is no change; a changed one needs a "
                "new version. The output is one JSON document on standard output."};
  }

  void declare(OptionSet& options) override {
    options.required_argument("FILE", file_, "the definition, YAML or JSON");
    options.text("--input", "JSON|@FILE", input_, "the execution's input; default: {}");
    options.text("--url-as", "NAME", url_as_,
                 "add the platform's own URL to the input under this name");
    options.seconds("--wait", wait_, "how long to wait for its end; default: 60");
  }

  Async<Result<ExitCode>> run(World& world, const CommonOptions& common) override {
    AUTERITY_CO_TRY(session, LocalSession::open(world, common));
    AUTERITY_CO_TRY(platform, operations::load_platform(session->context(), true));
    AUTERITY_CO_CHECK(check_up(world, platform));
    AUTERITY_CO_TRY(input, read_input(world));
    if (url_as_) {
      if (!input.is_object())
        co_return fail(ErrorKind::invalid_input, "--url-as needs an input that is an object",
                       "give --input '{…}', or leave it out");
      input.get_object()[*url_as_] = platform.api_url();
    }
    AUTERITY_CO_TRY(definition, world.files.read(world.working_directory / file_));
    PlatformClient client(world.http, platform);
    Progress progress(world);
    progress.begin(fmt::format("publish {} at {}", file_, platform.api_url()));
    AUTERITY_CO_CHECK(co_await client.sign_in());
    AUTERITY_CO_TRY(workflow, co_await client.send("POST", "/api/workflows", media_type(),
                                                   std::move(definition)));
    const std::string id(string_or(find_member(workflow.body, "id"), ""));
    progress.done(fmt::format("workflow {}", id));
    progress.begin("execute it");
    AUTERITY_CO_TRY(execution, co_await execute(world, client, id, std::move(input)));
    const std::string_view status = string_or(find_member(execution, "status"), "");
    const std::string end =
        fmt::format("execution {} {}", string_or(find_member(execution, "id"), ""), status);
    if (status == "completed")
      progress.done(end);
    else
      progress.failed(end);
    co_return conclude(world, common, execution, status);
  }

  std::string interruption_hint() const override {
    return "an execution that was accepted goes on; see it at /api/executions";
  }

 private:
  Result<Json> read_input(World& world) const {
    if (!input_) return Json(JsonObject{});
    std::string text = *input_;
    if (text.starts_with('@')) {
      AUTERITY_TRY(content, world.files.read(world.working_directory / text.substr(1)));
      text = std::move(content);
    }
    auto value = parse_json(text);
    if (!value) return std::unexpected(std::move(value).error().within("--input"));
    return value;
  }

  std::string media_type() const {
    return file_.ends_with(".json") ? "application/json" : "application/yaml";
  }

  // The API waits with us as long as it likes to; what has not ended by then is asked for.
  Async<Result<Json>> execute(World& world, PlatformClient& client, std::string id, Json input) {
    const Duration limit = wait_.value_or(kDefaultWait);
    const Duration deadline = world.clock.monotonic() + limit;
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(limit).count();
    AUTERITY_CO_TRY(answer,
                    co_await client.send("POST", fmt::format("/api/workflows/{}/execute", id),
                                         "application/json",
                                         to_text(Json(JsonObject{{"input", std::move(input)}})),
                                         {{"prefer", fmt::format("wait={}", seconds)}},
                                         limit + std::chrono::seconds(10)));
    Json execution = std::move(answer.body);
    const std::string path =
        fmt::format("/api/executions/{}", string_or(find_member(execution, "id"), ""));
    while (!has_ended(string_or(find_member(execution, "status"), "")) &&
           world.clock.monotonic() < deadline) {
      co_await world.clock.sleep(kPoll);
      AUTERITY_CO_TRY(now, co_await client.send("GET", path, "", ""));
      execution = std::move(now.body);
    }
    co_return execution;
  }

  Result<ExitCode> conclude(World& world, const CommonOptions& common, const Json& execution,
                            std::string_view status) const {
    if (common.json) {
      print_json(world, execution);
      return status == "completed" ? kDone : kFailed;
    }
    const std::string path =
        fmt::format("/api/executions/{}", string_or(find_member(execution, "id"), ""));
    if (status == "completed") {
      const Json* output = find_member(execution, "output");
      world.out << to_pretty_text(output == nullptr ? Json(nullptr) : *output) << '\n';
      return kDone;
    }
    if (!has_ended(status))
      return fail(ErrorKind::timeout, fmt::format("the execution is still {}", status),
                  fmt::format("it goes on; see it at {}", path));
    const Json* error = find_member(execution, "error");
    return fail(ErrorKind::failed,
                fmt::format("the execution is {}: {}", status,
                            error == nullptr ? "no error was recorded" : to_text(*error)),
                fmt::format("its history is at {}/events", path));
  }

  std::string file_;
  std::optional<std::string> input_;
  std::optional<std::string> url_as_;
  std::optional<Duration> wait_;
};

}  // namespace

CommandPtr make_execute_command() { return std::make_unique<ExecuteCommand>(); }

}  // namespace auterity::cli
