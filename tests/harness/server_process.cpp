#include "harness/server_process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <grp.h>
#include <linux/close_range.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <system_error>

extern "C" char** environ;

namespace auterity::harness {
namespace {

constexpr int kReadyWithin_ms = 60'000;
constexpr int kStopWithin_ms = 20'000;

int open_process(pid_t pid) { return static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)); }

[[noreturn]] void throw_errno(const std::string& what) {
  throw std::system_error(errno, std::generic_category(), what);
}

// The notification socket that NOTIFY_SOCKET names.
int open_notifications(const std::filesystem::path& path) {
  std::filesystem::remove(path);
  const int fd = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
  if (fd < 0 || ::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    throw_errno("bind " + path.string());
  ::chmod(path.c_str(), 0666);
  return fd;
}

// In a child before exec: sockets of the test that it inherited would otherwise stay open for as
// long as it lives.
void keep_standard_streams_only() { ::close_range(3, ~0U, CLOSE_RANGE_CLOEXEC); }

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> result;
  for (auto& text : texts) result.push_back(text.data());
  result.push_back(nullptr);
  return result;
}

}  // namespace

ServerProcess::ServerProcess(std::string_view purpose) : folder_(purpose) {
  user_ = ::geteuid();
  group_ = ::getegid();
  if (user_ == 0) {
    const auto* unprivileged = ::getpwnam("nobody");
    if (!unprivileged) throw std::runtime_error("this machine has no user nobody");
    user_ = unprivileged->pw_uid;
    group_ = unprivileged->pw_gid;
    hand_to_server(folder());
  }
  start_guard();
}

ServerProcess::~ServerProcess() {
  stop(SIGQUIT);
  ::close(guard_pipe_);  // the guard finds no server, removes the folder and ends
  ::waitpid(guard_, nullptr, 0);
}

void ServerProcess::hand_to_server(const std::filesystem::path& path) const {
  if (::geteuid() == 0 && ::chown(path.c_str(), user_, group_) != 0)
    throw_errno("chown " + path.string());
}

void ServerProcess::make_certificate() const {
  const auto openssl = find_program("openssl");
  if (!openssl) throw std::runtime_error("openssl is not installed");
  run({*openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
       "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout",
       (folder() / "server.key").string(), "-out", certificate().string()});
}

// The guard reads until our end of the pipe closes, be it by our death, then kills the server whose
// pid stands in the file.
void ServerProcess::start_guard() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw_errno("pipe");
  const auto script = fmt::format(
      "read -r nothing; if [ -s {0}/server.pid ]; then kill -9 $(cat {0}/server.pid); fi; "
      "rm -rf {0}",
      folder().string());
  std::vector<std::string> arguments{"/bin/sh", "-c", script};
  const auto argv = pointers(arguments);
  guard_ = ::fork();
  if (guard_ == 0) {
    ::setsid();
    ::dup2(ends[0], STDIN_FILENO);
    const int nowhere = ::open("/dev/null", O_WRONLY);
    ::dup2(nowhere, STDOUT_FILENO);
    ::dup2(nowhere, STDERR_FILENO);
    keep_standard_streams_only();
    ::execv(argv[0], argv.data());
    ::_exit(127);
  }
  ::close(ends[0]);
  guard_pipe_ = ends[1];
}

pid_t ServerProcess::spawn(const ServerCommand& command, int output) const {
  auto arguments = command.arguments;
  const auto argv = pointers(arguments);
  std::vector<std::string> variables;
  for (char** variable = environ; *variable; ++variable) variables.emplace_back(*variable);
  for (const auto& [name, value] : command.environment) variables.push_back(name + "=" + value);
  const auto envp = pointers(variables);
  std::array<int, 2> input{};
  if (::pipe2(input.data(), O_CLOEXEC) != 0) throw_errno("pipe");
  const pid_t pid = ::fork();
  if (pid < 0) throw_errno("fork");
  if (pid == 0) {
    ::setsid();
    ::dup2(input[0], STDIN_FILENO);
    ::dup2(output, STDOUT_FILENO);
    ::dup2(output, STDERR_FILENO);
    const bool root = ::geteuid() == 0;
    if (root && (::setgroups(0, nullptr) || ::setgid(group_) || ::setuid(user_))) ::_exit(126);
    if (::chdir(folder().c_str()) != 0) ::_exit(126);
    keep_standard_streams_only();
    ::execve(argv[0], argv.data(), envp.data());
    ::_exit(127);
  }
  ::close(input[0]);
  const auto written = ::write(input[1], command.input.data(), command.input.size());
  ::close(input[1]);
  if (written != static_cast<ssize_t>(command.input.size())) throw_errno("write to the server");
  return pid;
}

void ServerProcess::run(const std::vector<std::string>& arguments) const {
  const auto log = folder() / "run.log";
  const int output = ::open(log.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0644);
  if (output < 0) throw_errno("open " + log.string());
  const auto pid = spawn({arguments, {}, {}}, output);
  ::close(output);
  int status = 0;
  ::waitpid(pid, &status, 0);
  if (status == 0) return;
  std::ostringstream text;
  text << std::ifstream(log).rdbuf();
  throw std::runtime_error(arguments[0] + " failed: " + text.str());
}

void ServerProcess::start(const ServerCommand& command) {
  if (running()) throw std::logic_error("the server runs already");
  const auto socket_path = folder() / "notify";
  const int notifications = open_notifications(socket_path);
  auto with_socket = command;
  with_socket.environment["NOTIFY_SOCKET"] = socket_path;
  const auto log = folder() / "server.log";
  const int output = ::open(log.c_str(), O_CREAT | O_APPEND | O_WRONLY | O_CLOEXEC, 0644);
  if (output < 0) throw_errno("open " + log.string());
  pid_ = spawn(with_socket, output);
  ::close(output);
  std::ofstream(folder() / "server.pid") << pid_;
  wait_until_ready(notifications);
  ::close(notifications);
}

void ServerProcess::wait_until_ready(int notifications) {
  const int process = open_process(pid_);
  std::string problem;
  while (problem.empty()) {
    std::array<pollfd, 2> waiting{{{notifications, POLLIN, 0}, {process, POLLIN, 0}}};
    const int count = ::poll(waiting.data(), waiting.size(), kReadyWithin_ms);
    if (count < 0 && errno == EINTR) continue;
    if (count == 0) problem = "is not ready in time";
    if (waiting[0].revents) {
      std::array<char, 4096> text{};
      const auto size = ::recv(notifications, text.data(), text.size(), 0);
      const std::string_view message(text.data(), static_cast<std::size_t>(size > 0 ? size : 0));
      if (message.contains("READY=1")) break;
    } else if (waiting[1].revents) {
      problem = "ended before it was ready";
    }
  }
  ::close(process);
  if (problem.empty()) return;
  stop(SIGKILL);
  throw std::runtime_error("the server " + problem + ":\n" + log_tail());
}

void ServerProcess::send_signal_to_all(int signal) const {
  if (!running()) return;
  // Read first: the children of a process that has ended are no longer its own.
  std::vector<pid_t> all{pid_};
  std::ifstream children(fmt::format("/proc/{0}/task/{0}/children", pid_));
  for (pid_t child = 0; children >> child;) all.push_back(child);
  for (const pid_t pid : all) ::kill(pid, signal);
}

void ServerProcess::stop(int signal) {
  if (!running()) return;
  ::kill(pid_, signal);
  const int process = open_process(pid_);
  pollfd ended{process, POLLIN, 0};
  while (::poll(&ended, 1, kStopWithin_ms) < 0 && errno == EINTR) {
  }
  if (!ended.revents) ::kill(pid_, SIGKILL);
  ::close(process);
  ::waitpid(pid_, nullptr, 0);
  pid_ = -1;
  std::filesystem::remove(folder() / "server.pid");
}

std::string ServerProcess::log_tail() const {
  std::ostringstream text;
  text << std::ifstream(folder() / "server.log").rdbuf();
  const auto whole = text.str();
  return whole.size() > 4000 ? whole.substr(whole.size() - 4000) : whole;
}

std::optional<std::string> ServerProcess::find_program(const std::string& name,
                                                       const std::vector<std::string>& folders) {
  auto candidates = folders;
  std::istringstream path(::getenv("PATH") ? ::getenv("PATH") : "");
  for (std::string folder; std::getline(path, folder, ':');) candidates.push_back(folder);
  for (const auto& folder : candidates) {
    auto program = folder + "/" + name;
    if (::access(program.c_str(), X_OK) == 0) return program;
  }
  return std::nullopt;
}

}  // namespace auterity::harness
