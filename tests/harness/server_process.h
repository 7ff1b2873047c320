#pragma once
// A real server as a child process of a test, in a throwaway folder. Ready means that the server
// said so itself (systemd's notification protocol, sd_notify(3)), so that nothing polls. Whatever
// happens to the test program, its servers end: each has a guard, a small shell that outlives the
// program, then kills the server and removes its folder.
#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "harness/throwaway_folder.h"

namespace auterity::harness {

struct ServerCommand {
  std::vector<std::string> arguments;  // [0] an absolute path
  std::map<std::string, std::string> environment;
  std::string input;  // on standard input
};

class ServerProcess {
 public:
  // `purpose` names the folder. When we are root, the folder belongs to an unprivileged user and
  // servers run as that one.
  explicit ServerProcess(std::string_view purpose);
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;
  ~ServerProcess();

  const std::filesystem::path& folder() const { return folder_.path(); }
  // Gives a file or folder below folder() to the user that servers run as.
  void hand_to_server(const std::filesystem::path& path) const;

  // Makes server.key and server.crt in folder(): a certificate of `localhost` that is its own
  // authority, good for two days. Throws on a machine without openssl.
  void make_certificate() const;
  std::filesystem::path certificate() const { return folder() / "server.crt"; }

  // Runs a program to its end as the server's user; throws with its output when it fails.
  void run(const std::vector<std::string>& arguments) const;
  // Throws when the server ends or stays silent before it is ready; its log's tail is in the
  // message.
  void start(const ServerCommand& command);
  bool running() const { return pid_ > 0; }
  pid_t pid() const { return pid_; }
  // Sends `signal` and waits for the end; SIGKILL follows after 20 seconds. Nothing when it does
  // not run.
  void stop(int signal);
  // To the server and its child processes.
  void send_signal_to_all(int signal) const;

  // Absolute path of a program, in `folders` or PATH; nullopt when the machine lacks it.
  static std::optional<std::string> find_program(const std::string& name,
                                                 const std::vector<std::string>& folders = {});

 private:
  pid_t spawn(const ServerCommand& command, int output) const;
  void wait_until_ready(int notifications);
  void start_guard();
  std::string log_tail() const;

  ThrowawayFolder folder_;
  uid_t user_ = 0;
  gid_t group_ = 0;
  pid_t pid_ = -1;
  pid_t guard_ = -1;
  int guard_pipe_ = -1;
};

}  // namespace auterity::harness
