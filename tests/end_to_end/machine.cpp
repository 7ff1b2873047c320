#include "machine.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <boost/json.hpp>
#include <charconv>
#include <cstdlib>
#include <fstream>
#include <iterator>

#include "core/curl_http_client.h"

namespace auterity::end_to_end {
namespace {

namespace fs = std::filesystem;

constexpr int kPoll_ms = 50;

std::string read_file(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

bool has_program(std::string_view name) {
  for (const std::string_view folder :
       {"/usr/bin", "/usr/sbin", "/bin", "/usr/lib/postgresql/15/bin"})
    if (::access(fmt::format("{}/{}", folder, name).c_str(), X_OK) == 0) return true;
  return false;
}

}  // namespace

std::string why_no_platform() {
  if (harness::program_path().empty()) return "AUTERITY_BINARY is not set; ctest sets it";
  for (const std::string_view name :
       {"s6-svscan", "initdb", "redis-server", "haproxy", "nginx", "curl", "zstd"})
    if (!has_program(name)) return fmt::format("{} is not installed; run tools/setup run", name);
  return "";
}

Machine::Machine(std::string user)
    : folder_("machine"),
      user_(std::move(user)),
      program_(harness::program_path()),
      http_(make_curl_http_client(loop_.executor(), {.user_agent = "auterity-end-to-end"})) {
  // The default lies outside of this machine's folder.
  set_variable("AUTERITY_BACKUP_KEY_FILE", (home() / "keys/backup.key").string());
  if (user_.empty()) return;
  const passwd* entry = ::getpwnam(user_.c_str());
  if (entry == nullptr || ::chown(home().c_str(), entry->pw_uid, entry->pw_gid) != 0)
    throw std::runtime_error("the home cannot be given to " + user_);
}

Machine::~Machine() {
  for (const auto& entry : fs::directory_iterator(home()))
    if (fs::exists(entry.path() / "services"))
      auterity({"down", "--yes", "-e", entry.path().filename().string()});
  for (const pid_t pid : processes()) ::kill(pid, SIGKILL);
}

harness::ProgramOutcome Machine::auterity(std::vector<std::string> arguments) {
  ProcessRequest request{.arguments = {program_.string()},
                         .environment = {{"AUTERITY_HOME", home().string()},
                                         {"HOME", home().string()},
                                         {"XDG_RUNTIME_DIR", ""}},
                         .working_directory = "/",
                         .timeout = std::chrono::seconds(120),
                         .run_as = user_};
  request.environment.insert(variables_.begin(), variables_.end());
  request.arguments.insert(request.arguments.end(), arguments.begin(), arguments.end());
  const auto outcome = loop_.run(processes_.run(std::move(request)));
  if (!outcome) return {.exit_code = -1, .output = {}, .error_output = outcome.error().message};
  return {outcome->exit_code, outcome->output, outcome->error_output};
}

pid_t Machine::start_auterity(std::vector<std::string> arguments) {
  std::vector<std::string> words{program_.string()};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  const pid_t pid = ::fork();
  if (pid != 0) return pid;
  ::setenv("AUTERITY_HOME", home().c_str(), 1);
  for (const auto& [name, value] : variables_) ::setenv(name.c_str(), value.c_str(), 1);
  const int nowhere = ::open("/dev/null", O_RDWR);
  for (const int descriptor : {0, 1, 2}) ::dup2(nowhere, descriptor);
  ::execv(pointers[0], pointers.data());
  ::_exit(127);
}

int Machine::wait_for(pid_t pid) {
  int status = 0;
  ::waitpid(pid, &status, 0);
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

Json Machine::json(std::vector<std::string> arguments) {
  arguments.push_back("--json");
  const auto outcome = auterity(std::move(arguments));
  const auto value = parse_json(outcome.output);
  return value ? *value : Json(nullptr);
}

Json Machine::status(const std::string& environment) { return json({"status", "-e", environment}); }

Json Machine::component(const std::string& name, const std::string& environment) {
  const Json all = status(environment);
  const Json* components = find_member(all, "components");
  if (components == nullptr || !components->is_array()) return nullptr;
  for (const Json& component : components->get_array())
    if (string_or(find_member(component, "name"), "") == name) return component;
  return nullptr;
}

pid_t Machine::pid_of(const std::string& name, const std::string& environment) {
  const Json found = component(name, environment);
  const Json* pid = find_member(found, "pid");
  return pid != nullptr && pid->is_int64() ? static_cast<pid_t>(pid->get_int64()) : 0;
}

Json Machine::credentials(const std::string& environment) {
  const auto value = parse_json(read_file(state(environment) / "credentials.json"));
  return value ? *value : Json(nullptr);
}

int Machine::supervise(const std::string& name, const std::string& switches,
                       const std::string& environment) {
  ProcessRequest request{
      .arguments = {"s6-svc", switches, (state(environment) / "services" / name).string()},
      .run_as = user_};
  const auto outcome = loop_.run(processes_.run(std::move(request)));
  return outcome ? outcome->exit_code : -1;
}

Result<HttpResponse> Machine::send(HttpRequest request) {
  return loop_.run(http_->send(std::move(request)));
}

int Machine::get(const std::string& url) {
  HttpRequest request;
  request.url = url;
  request.timeout = std::chrono::seconds(5);
  const auto answer = send(std::move(request));
  return answer ? answer->status : 0;
}

std::string Machine::token(const std::string& url, const std::string& environment) {
  const Json secret = credentials(environment);
  HttpRequest request;
  request.method = "POST";
  request.url = url + "/api/auth/login";
  request.headers = {{"content-type", "application/json"}};
  request.body =
      to_text(Json(JsonObject{{"email", string_or(find_member(secret, "email"), "")},
                              {"password", string_or(find_member(secret, "password"), "")}}));
  const auto answer = send(std::move(request));
  if (!answer) return "";
  const auto body = parse_json(answer->body);
  return body ? std::string(string_or(find_member(*body, "access_token"), "")) : "";
}

bool Machine::eventually(const std::function<bool()>& condition, int limit_seconds) {
  const Duration deadline = clock_.monotonic() + std::chrono::seconds(limit_seconds);
  while (!condition()) {
    if (clock_.monotonic() > deadline) return false;
    ::poll(nullptr, 0, kPoll_ms);
  }
  return true;
}

std::string Machine::lease() const { return read_file(state() / "operations/lease.json"); }

bool Machine::comes_to(const std::vector<std::string>& steps) {
  return eventually(
      [&] {
        const std::string now = lease();
        return std::ranges::any_of(steps, [&](const std::string& step) {
          return now.contains("\"step\": \"" + step + "\"");
        });
      },
      60);
}

std::vector<pid_t> Machine::processes(const std::string& text) const {
  std::vector<pid_t> found;
  for (const auto& entry : fs::directory_iterator("/proc")) {
    const std::string name = entry.path().filename().string();
    pid_t pid = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), pid);
    if (error != std::errc{} || end != name.data() + name.size() || pid == ::getpid()) continue;
    std::error_code hidden;
    const std::string line = read_file(entry.path() / "cmdline");
    const std::string folder = fs::read_symlink(entry.path() / "cwd", hidden).string();
    const bool here = line.contains(home().string()) || folder.starts_with(home().string() + "/");
    if (here && line.contains(text)) found.push_back(pid);
  }
  return found;
}

}  // namespace auterity::end_to_end
