#include "core/system_processes.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <grp.h>
#include <linux/close_range.h>
#include <pwd.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "core/deadline.h"

extern char** environ;

namespace auterity {
namespace {

namespace asio = boost::asio;

struct Pipe {
  int read_end = -1;
  int write_end = -1;
  void close_read() { close_one(read_end); }
  void close_write() { close_one(write_end); }
  static void close_one(int& descriptor) {
    if (descriptor >= 0) ::close(descriptor);
    descriptor = -1;
  }
};

struct Identity {
  uid_t user = 0;
  gid_t group = 0;
  std::vector<gid_t> groups;
};

Result<std::optional<Identity>> look_up(const std::string& name) {
  if (name.empty()) return std::optional<Identity>();
  const passwd* entry = ::getpwnam(name.c_str());
  if (entry == nullptr)
    return fail(ErrorKind::not_found, fmt::format("there is no user named {}", name),
                "create the user first");
  if (entry->pw_uid == ::geteuid()) return std::optional<Identity>();
  Identity identity{entry->pw_uid, entry->pw_gid, std::vector<gid_t>(64)};
  int count = 64;
  if (::getgrouplist(name.c_str(), entry->pw_gid, identity.groups.data(), &count) < 0) count = 64;
  identity.groups.resize(static_cast<std::size_t>(count));
  return std::optional<Identity>(std::move(identity));
}

// Everything the child needs, made before fork: only async-signal-safe calls follow it there.
struct Launch {
  std::string program;
  std::vector<char*> arguments;
  std::vector<std::string> environment_text;
  std::vector<char*> environment;
  std::optional<Identity> identity;
};

// A folder may be "executable", too.
bool is_program(const std::string& path) {
  struct stat facts{};
  return ::stat(path.c_str(), &facts) == 0 && S_ISREG(facts.st_mode) &&
         ::access(path.c_str(), X_OK) == 0;
}

std::string find_program(const std::string& name) {
  if (name.find('/') != std::string::npos) return is_program(name) ? name : "";
  const char* path = ::getenv("PATH");
  std::string_view rest = path != nullptr ? path : "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin";
  while (true) {
    const std::size_t colon = rest.find(':');
    const std::string candidate = fmt::format("{}/{}", rest.substr(0, colon), name);
    if (is_program(candidate)) return candidate;
    if (colon == std::string_view::npos) return "";
    rest.remove_prefix(colon + 1);
  }
}

Result<Launch> prepare(ProcessRequest& request) {
  Launch launch;
  if (request.arguments.empty() || request.arguments[0].empty())
    return fail(ErrorKind::invalid_input, "no program was named", "name the program to run");
  launch.program = find_program(request.arguments[0]);
  if (launch.program.empty())
    return fail(ErrorKind::not_found, fmt::format("there is no program {}", request.arguments[0]),
                "install it, or correct PATH");
  AUTERITY_TRY(identity, look_up(request.run_as));
  launch.identity = std::move(identity);
  for (std::string& argument : request.arguments) launch.arguments.push_back(argument.data());
  launch.arguments.push_back(nullptr);
  if (!request.clean_environment)
    for (char** entry = environ; *entry != nullptr; ++entry) {
      const std::string_view text(*entry);
      if (!request.environment.contains(std::string(text.substr(0, text.find('=')))))
        launch.environment_text.emplace_back(text);
    }
  for (const auto& [name, value] : request.environment)
    launch.environment_text.push_back(name + "=" + value);
  for (std::string& entry : launch.environment_text) launch.environment.push_back(entry.data());
  launch.environment.push_back(nullptr);
  return launch;
}

[[noreturn]] void become(const Launch& launch, const ProcessRequest& request, const Pipe& in,
                         const Pipe& out, const Pipe& err, int report) {
  ::setpgid(0, 0);
  ::dup2(in.read_end, STDIN_FILENO);
  ::dup2(out.write_end, STDOUT_FILENO);
  ::dup2(err.write_end, STDERR_FILENO);
  // Asio's sockets are not marked close-on-exec; a child that held them would keep peers from
  // seeing us close them.
  ::close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC);
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::signal(SIGPIPE, SIG_DFL);
  bool ready = true;
  if (launch.identity)
    ready = ::setgroups(launch.identity->groups.size(), launch.identity->groups.data()) == 0 &&
            ::setgid(launch.identity->group) == 0 && ::setuid(launch.identity->user) == 0;
  if (ready && !request.working_directory.empty())
    ready = ::chdir(request.working_directory.c_str()) == 0;
  if (ready) ::execve(launch.program.c_str(), launch.arguments.data(), launch.environment.data());
  const int error = errno;
  [[maybe_unused]] const ssize_t told = ::write(report, &error, sizeof error);
  ::_exit(127);
}

// A started child: its process group is killed and its exit collected when this goes away.
class Child {
 public:
  Child(pid_t pid, int pid_descriptor, Executor executor)
      : pid_(pid), exit_(executor, pid_descriptor) {}
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() {
    if (collected_) return;
    ::kill(-pid_, SIGKILL);
    ::kill(pid_, SIGKILL);
    int status = 0;
    ::waitpid(pid_, &status, 0);
  }

  Async<int> wait() {
    co_await exit_.async_wait(asio::posix::stream_descriptor::wait_read, asio::use_awaitable);
    int status = 0;
    ::waitpid(pid_, &status, 0);
    collected_ = true;
    co_return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  }

 private:
  pid_t pid_;
  asio::posix::stream_descriptor exit_;
  bool collected_ = false;
};

Async<void> feed(asio::posix::stream_descriptor input, const std::string& content) {
  boost::system::error_code error;  // a child that does not read its input is no error
  co_await asio::async_write(input, asio::buffer(content),
                             asio::redirect_error(asio::use_awaitable, error));
  if (error == asio::error::operation_aborted) throw boost::system::system_error(error);
}

Async<void> collect(asio::posix::stream_descriptor output, std::string& into, bool& truncated,
                    std::size_t limit) {
  std::array<char, 16384> buffer;
  for (;;) {
    boost::system::error_code error;
    const std::size_t got = co_await output.async_read_some(
        asio::buffer(buffer), asio::redirect_error(asio::use_awaitable, error));
    if (error == asio::error::operation_aborted) throw boost::system::system_error(error);
    const std::size_t kept = std::min(got, limit - into.size());
    into.append(buffer.data(), kept);
    truncated = truncated || kept < got;
    if (error) co_return;
  }
}

struct Started {
  std::unique_ptr<Child> child;
  Pipe in, out, err;
};

Result<Started> start(const Launch& launch, const ProcessRequest& request, Executor executor) {
  Started started;
  Pipe report;
  for (Pipe* pipe : {&started.in, &started.out, &started.err, &report}) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0)
      return fail(ErrorKind::unavailable,
                  fmt::format("no pipe for {}: {}", launch.program, std::strerror(errno)),
                  "raise the limit of open files");
    pipe->read_end = ends[0];
    pipe->write_end = ends[1];
  }
  const pid_t pid = ::fork();
  if (pid == 0) become(launch, request, started.in, started.out, started.err, report.write_end);
  const int fork_error = errno;
  started.in.close_read();
  started.out.close_write();
  started.err.close_write();
  report.close_write();
  int exec_error = 0;
  const ssize_t told = pid > 0 ? ::read(report.read_end, &exec_error, sizeof exec_error) : -1;
  report.close_read();
  if (pid > 0)
    started.child =
        std::make_unique<Child>(pid, static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)), executor);
  if (pid < 0 || told == sizeof exec_error) {
    started.in.close_write();
    started.out.close_read();
    started.err.close_read();
    return fail(ErrorKind::unavailable,
                fmt::format("could not start {}: {}", launch.program,
                            std::strerror(pid < 0 ? fork_error : exec_error)),
                "check the program and the limits of processes");
  }
  return started;
}

Async<Result<ProcessOutcome>> supervise(Started started, const ProcessRequest& request) {
  using namespace asio::experimental::awaitable_operators;
  const auto executor = co_await asio::this_coro::executor;
  ProcessOutcome outcome;
  outcome.exit_code = co_await (
      feed(asio::posix::stream_descriptor(executor, started.in.write_end), request.input) &&
      collect(asio::posix::stream_descriptor(executor, started.out.read_end), outcome.output,
              outcome.truncated, request.max_output_bytes) &&
      collect(asio::posix::stream_descriptor(executor, started.err.read_end), outcome.error_output,
              outcome.truncated, request.max_output_bytes) &&
      started.child->wait());
  co_return outcome;
}

}  // namespace

SystemProcesses::SystemProcesses(Clock& clock) : clock_(clock) { ::signal(SIGPIPE, SIG_IGN); }

Async<Result<ProcessOutcome>> SystemProcesses::run(ProcessRequest request) {
  AUTERITY_CO_TRY(launch, prepare(request));
  AUTERITY_CO_TRY(started, start(launch, request, co_await asio::this_coro::executor));
  co_return co_await with_deadline<ProcessOutcome>(clock_, request.timeout, request.arguments[0],
                                                   supervise(std::move(started), request));
}

}  // namespace auterity
