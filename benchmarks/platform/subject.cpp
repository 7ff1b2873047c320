#include "subject.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/json.h"
#include "core/settings.h"

namespace auterity::benchmark {
namespace {

int free_port() {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  ::bind(socket, reinterpret_cast<const sockaddr*>(&address), length);
  ::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &length);
  ::close(socket);
  return ntohs(address.sin_port);
}

std::string hex_digits(std::size_t count) {
  SystemRandom random;
  std::string text;
  while (text.size() < count) text += "0123456789abcdef"[random.below(16)];
  return text;
}

Error outcome_error(std::string_view what, const ProcessOutcome& outcome) {
  return {ErrorKind::failed,
          fmt::format("{} ended with {}: {}", what, outcome.exit_code, outcome.error_output),
          "run it by hand to see more"};
}

}  // namespace

Subject::Subject(Processes& processes, HttpClient& http, Files& files, Clock& clock,
                 std::string binary)
    : processes_(processes), http_(http), files_(files), clock_(clock), binary_(std::move(binary)) {
  char pattern[] = "/tmp/auterity-bench-XXXXXX";
  home_ = ::mkdtemp(pattern);
  ::chmod(home_.c_str(), 0755);
}

Async<Status> Subject::start() {
  AUTERITY_CO_CHECK(co_await start_platform());
  AUTERITY_CO_CHECK(co_await start_nginx());
  AUTERITY_CO_CHECK(co_await start_api());
  co_return co_await sign_in();
}

Async<Status> Subject::start_platform() {
  ::setenv("AUTERITY_HOME", home_.c_str(), 1);
  const int port = free_port();
  const auto up = co_await processes_.run(
      {.arguments = {binary_, "up", "--detach", "--port", std::to_string(port), "--replicas", "1"},
       .timeout = std::chrono::minutes(5)});
  if (!up) co_return std::unexpected(up.error());
  if (up->exit_code != 0) co_return std::unexpected(outcome_error("auterity up", *up));
  AUTERITY_CO_TRY(text, files_.read(home_ / "development" / "credentials.json"));
  AUTERITY_CO_TRY(credentials, parse_json(text));
  const auto member = [&](std::string_view name) {
    return std::string(string_or(find_member(credentials, name), ""));
  };
  front_ = member("api_url");
  email_ = member("email");
  password_ = member("password");
  // As the platform's own processes reach it: over its socket.
  database_url_ = member("database_url");
  for (const auto& service :
       std::filesystem::directory_iterator(home_ / "development" / "services"))
    if (const auto url = files_.read(service.path() / "data" / "env" / "DATABASE_URL"))
      database_url_ = url->substr(0, url->find('\n'));
  redis_url_ = member("redis_url");
  co_return Status();
}

Async<Status> Subject::start_nginx() {
  const std::filesystem::path folder = home_ / "nginx-peer";
  AUTERITY_CO_CHECK(files_.create_directories(folder));
  const int port = free_port();
  nginx_ = fmt::format("http://127.0.0.1:{}", port);
  // As long as the body of /api/health, so that both move the same bytes.
  const std::string body(72, 'x');
  AUTERITY_CO_CHECK(files_.write_atomically(
      folder / "nginx.conf",
      fmt::format(
          "worker_processes 1; pid {0}/pid; error_log {0}/error.log;\n"
          "events {{ worker_connections 1024; }}\n"
          "http {{ access_log off; keepalive_requests 100000000; default_type application/json;\n"
          "  server {{ listen 127.0.0.1:{1}; location / {{ return 200 \"{2}\"; }} }} }}\n",
          folder.string(), port, body)));
  const auto started = co_await processes_.run(
      {.arguments = {"nginx", "-c", (folder / "nginx.conf").string(), "-p", folder.string()}});
  if (!started) co_return std::unexpected(started.error());
  if (started->exit_code != 0) co_return std::unexpected(outcome_error("nginx", *started));
  co_return Status();
}

Async<Status> Subject::start_api() {
  const int port = free_port();
  api_ = fmt::format("http://127.0.0.1:{}", port);
  const std::filesystem::path objects = home_ / "bench-objects";
  AUTERITY_CO_CHECK(files_.create_directories(objects));
  const Environment settings{{"DATABASE_URL", database_url_},
                             {"REDIS_URL", redis_url_},
                             {"JWT_SECRET_KEY", hex_digits(64)},
                             {"AUTERITY_SECRETS_KEY", hex_digits(64)},
                             {"AUTERITY_OBJECTS", objects.string()},
                             {"AUTERITY_LISTEN", fmt::format("127.0.0.1:{}", port)},
                             {"AUTERITY_INSTANCE", "bench"},
                             {"AUTERITY_IN_PLACE", "4096"},
                             {"AUTERITY_LOG_LEVEL", "warning"}};
  std::vector<std::string> text;
  for (const auto& [name, value] : settings) text.push_back(name + "=" + value);
  std::vector<char*> environment;
  for (std::string& entry : text) environment.push_back(entry.data());
  environment.push_back(nullptr);
  std::string serve = "serve";
  char* arguments[] = {binary_.data(), serve.data(), nullptr};
  const Duration begun = clock_.monotonic();
  api_pid_ = ::fork();
  if (api_pid_ == 0) {
    const int log = ::open((home_ / "bench-api.log").c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    ::dup2(log, STDERR_FILENO);
    ::execve(binary_.c_str(), arguments, environment.data());
    ::_exit(127);
  }
  for (;;) {
    const auto answer =
        co_await http_.send({.url = api_ + "/api/health", .timeout = std::chrono::seconds(1)});
    if (answer && answer->status == 200) break;
    if (::waitpid(api_pid_, nullptr, WNOHANG) == api_pid_ ||
        clock_.monotonic() - begun > std::chrono::seconds(20))
      co_return fail(ErrorKind::failed, "the API process did not come up",
                     "see " + (home_ / "bench-api.log").string());
    co_await clock_.sleep(std::chrono::milliseconds(1));
  }
  start_milliseconds_ = static_cast<double>((clock_.monotonic() - begun).count()) / 1000;
  for (;;) {  // the database's part of the start
    const auto answer = co_await http_.send({.url = api_ + "/api/health/readiness"});
    if (answer && answer->status == 200) co_return Status();
    if (clock_.monotonic() - begun > std::chrono::seconds(30))
      co_return fail(ErrorKind::failed, "the API process did not get ready",
                     "see " + (home_ / "bench-api.log").string());
    co_await clock_.sleep(std::chrono::milliseconds(5));
  }
}

Async<Status> Subject::restart_api() {
  stop_api();
  co_return co_await start_api();
}

void Subject::stop_api() {
  if (api_pid_ <= 0) return;
  ::kill(api_pid_, SIGTERM);
  ::waitpid(api_pid_, nullptr, 0);
  api_pid_ = 0;
}

Async<Status> Subject::sign_in() {
  const auto answer = co_await http_.send(
      {.method = "POST",
       .url = api_ + "/api/auth/login",
       .headers = {{"Content-Type", "application/json"}},
       .body = to_text(JsonObject{{"email", email_}, {"password", password_}})});
  if (!answer) co_return std::unexpected(answer.error());
  const auto body = parse_json(answer->body);
  token_ = body ? std::string(string_or(find_member(*body, "access_token"), "")) : "";
  if (token_.empty())
    co_return fail(ErrorKind::failed, fmt::format("login answered {}", answer->status),
                   "see the API's log");
  co_return Status();
}

Async<Result<std::string>> Subject::publish(std::string yaml) {
  const auto answer = co_await http_.send(
      {.method = "POST",
       .url = api_ + "/api/workflows",
       .headers = {{"Content-Type", "application/yaml"}, {"Authorization", "Bearer " + token_}},
       .body = std::move(yaml)});
  if (!answer) co_return std::unexpected(answer.error());
  const auto body = parse_json(answer->body);
  std::string id(body ? string_or(find_member(*body, "id"), "") : "");
  if (id.empty())
    co_return fail(ErrorKind::failed,
                   fmt::format("publishing answered {}: {}", answer->status, answer->body),
                   "correct the definition");
  co_return id;
}

Async<Result<std::string>> Subject::execute(const std::string& workflow_id) {
  const auto answer = co_await http_.send(
      {.method = "POST",
       .url = api_ + "/api/workflows/" + workflow_id + "/execute",
       .headers = {{"Content-Type", "application/json"}, {"Authorization", "Bearer " + token_}},
       .body = "{}"});
  if (!answer) co_return std::unexpected(answer.error());
  const auto body = parse_json(answer->body);
  if (!body || string_or(find_member(*body, "status"), "") != "completed")
    co_return fail(ErrorKind::failed,
                   fmt::format("an execution did not complete: {}", answer->body),
                   "see the API's log");
  co_return std::string(string_or(find_member(*body, "id"), ""));
}

Async<void> Subject::stop() {
  stop_api();
  const std::filesystem::path folder = home_ / "nginx-peer";
  (void)co_await processes_.run({.arguments = {"nginx", "-c", (folder / "nginx.conf").string(),
                                               "-p", folder.string(), "-s", "quit"}});
  (void)co_await processes_.run(
      {.arguments = {binary_, "down", "--yes"}, .timeout = std::chrono::minutes(2)});
  (void)files_.remove_tree(home_);
}

}  // namespace auterity::benchmark
