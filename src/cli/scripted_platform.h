#pragma once
// A scripted world in which an environment "development" was started once, and runs after
// bring_up() as far as a command can tell: for unit tests of commands about it. Only tests include
// this.
#include <re2/re2.h>

#include <boost/json.hpp>
#include <stdexcept>

#include "cli/application.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "cli/scripted_world.h"
#include "targets/local/platform.h"

namespace auterity::cli {

class ScriptedPlatform {
 public:
  ScriptedPlatform() {
    scripted_.world.environment["AUTERITY_HOME"] = "/nowhere/auterity";
    local::Platform platform;
    platform.layout = {"/nowhere/auterity", "development", "/nowhere/run", "/nowhere/config"};
    platform.public_port = 8123;
    platform.postgres_port = 25432;
    platform.pool().version = "1.2.3";
    platform.credentials = {.email = "admin@auterity.local",
                            .password = "p",
                            .database_password = "d",
                            .redis_password = "r",
                            .jwt_secret_key = "j",
                            .secrets_key = "s"};
    write(platform.layout.platform_file(), to_text(Json(to_json(kept_facts(platform)))));
    write(platform.layout.credentials(), to_text(Json(credentials_document(platform))));
    layout_ = platform.layout;
    postgres_socket_ = platform.postgres_socket();
  }

  void bring_up() { write(postgres_socket_, ""); }

  void write(const std::filesystem::path& path, std::string_view text) {
    if (!scripted_.files.create_directories(path.parent_path(), 0755) ||
        !scripted_.files.write_atomically(path, text, 0644))
      throw std::logic_error("files in memory refused " + path.string());
  }

  // Answers the next request that nobody was scripted for yet.
  void answer(int status, std::string_view body) {
    scripted_.http.answers.emplace_back(status, std::string(body));
  }

  // The exit code, as main would make it of these arguments.
  ExitCode run(std::vector<std::string> arguments) {
    const CommandList commands = all_commands();
    const auto line =
        parse_command_line(std::move(arguments), commands, scripted_.world.environment);
    if (!line) return report_error(scripted_.out, scripted_.err, line.error(), false);
    return run_command(scripted_.world, *line);
  }

  const local::Layout& layout() const { return layout_; }
  std::string out() const { return scripted_.out.str(); }
  // With every elapsed time as "(T)".
  std::string err() const {
    std::string text = scripted_.err.str();
    RE2::GlobalReplace(&text, R"(\([0-9.]+ s\))", "(T)");
    return text;
  }
  const std::vector<HttpRequest>& requests() const { return scripted_.http.requests; }

 private:
  ScriptedWorld scripted_;
  local::Layout layout_;
  std::filesystem::path postgres_socket_;
};

}  // namespace auterity::cli
