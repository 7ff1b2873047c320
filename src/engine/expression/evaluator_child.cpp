#include "engine/expression/evaluator_child.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

extern "C" {  // the C library's header does not say so itself
#include <sys/pidfd.h>
}

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <cstring>

#include "engine/expression/protocol.h"

namespace auterity::engine {
namespace asio = boost::asio;
namespace {

std::unexpected<Error> cannot_start(std::string_view what, int error) {
  return fail(
      ErrorKind::unavailable,
      fmt::format("no expression evaluator could be started: {}: {}", what, std::strerror(error)),
      "check the limits on processes and open files, and that the program file is still there");
}

// Settings of a spawn, released with their scope.
class SpawnSettings {
 public:
  explicit SpawnSettings(int socket) {
    posix_spawn_file_actions_init(&actions_);
    posix_spawn_file_actions_adddup2(&actions_, socket, 0);
    posix_spawn_file_actions_addopen(&actions_, 1, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&actions_, 2, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addclosefrom_np(&actions_, 3);
    posix_spawnattr_init(&attributes_);
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(&attributes_, &none);
    posix_spawnattr_setsigdefault(&attributes_, &all);
    posix_spawnattr_setpgroup(&attributes_, 0);
    posix_spawnattr_setflags(
        &attributes_, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  }
  ~SpawnSettings() {
    posix_spawn_file_actions_destroy(&actions_);
    posix_spawnattr_destroy(&attributes_);
  }
  SpawnSettings(const SpawnSettings&) = delete;
  SpawnSettings& operator=(const SpawnSettings&) = delete;

  int spawn(pid_t& process, const std::vector<std::string>& command) {
    std::vector<char*> arguments;
    for (const std::string& argument : command)
      arguments.push_back(const_cast<char*>(argument.c_str()));
    arguments.push_back(nullptr);
    char* environment[] = {nullptr};
    return ::posix_spawn(&process, arguments[0], &actions_, &attributes_, arguments.data(),
                         environment);
  }

 private:
  posix_spawn_file_actions_t actions_;
  posix_spawnattr_t attributes_;
};

}  // namespace

struct EvaluatorChild::Handles {
  asio::local::stream_protocol::socket socket;
  asio::posix::stream_descriptor process;  // a pidfd: readable once the process has ended
  pid_t id = 0;
  bool reaped = false;
};

EvaluatorChild::EvaluatorChild(std::unique_ptr<Handles> handles) : handles_(std::move(handles)) {}

Result<std::unique_ptr<EvaluatorChild>> EvaluatorChild::start(
    const Executor& executor, const std::vector<std::string>& command) {
  std::array<int, 2> pair{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair.data()) != 0) {
    return cannot_start("socketpair", errno);
  }
  asio::local::stream_protocol::socket ours(executor, asio::local::stream_protocol(), pair[0]);
  pid_t id = 0;
  int error = SpawnSettings(pair[1]).spawn(id, command);
  ::close(pair[1]);
  if (error != 0) return cannot_start(command.front(), error);
  int process = ::pidfd_open(id, 0);
  if (process < 0) {
    error = errno;
    ::kill(id, SIGKILL);
    ::waitpid(id, nullptr, 0);
    return cannot_start("pidfd_open", error);
  }
  asio::posix::stream_descriptor descriptor(executor, process);
  return std::unique_ptr<EvaluatorChild>(new EvaluatorChild(
      std::make_unique<Handles>(Handles{std::move(ours), std::move(descriptor), id, false})));
}

EvaluatorChild::~EvaluatorChild() {
  if (handles_->reaped) return;
  kill();
  ::waitpid(handles_->id, nullptr, 0);
}

Async<std::optional<std::string>> EvaluatorChild::exchange(const std::string& frame,
                                                           std::size_t max_bytes) {
  boost::system::error_code error;
  auto token = asio::redirect_error(asio::use_awaitable, error);
  co_await asio::async_write(handles_->socket, asio::buffer(frame), token);
  if (error) co_return std::nullopt;
  // Answers are small as a rule: header and body come in one read.
  std::string received(4096, '\0');
  std::size_t have = 0, wanted = protocol::header_bytes;
  while (have < wanted) {
    have += co_await handles_->socket.async_read_some(
        asio::buffer(received.data() + have, received.size() - have), token);
    if (error) co_return std::nullopt;
    if (have < protocol::header_bytes || wanted > protocol::header_bytes) continue;
    std::size_t body =
        protocol::body_length(std::string_view(received).substr(0, protocol::header_bytes));
    if (body > max_bytes) co_return std::nullopt;
    wanted += body;
    if (wanted > received.size()) received.resize(wanted);
  }
  received.resize(wanted);
  received.erase(0, protocol::header_bytes);
  co_return received;
}

bool EvaluatorChild::has_hung_up() const {
  char byte = 0;
  return ::recv(handles_->socket.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

void EvaluatorChild::kill() {
  if (!handles_->reaped) ::kill(handles_->id, SIGKILL);
}

Async<int> EvaluatorChild::reap() {
  kill();
  co_await handles_->process.async_wait(asio::posix::stream_descriptor::wait_read,
                                        asio::use_awaitable);
  int status = 0;
  ::waitpid(handles_->id, &status, 0);
  handles_->reaped = true;
  co_return status;
}

pid_t EvaluatorChild::process_id() const { return handles_->id; }

}  // namespace auterity::engine
