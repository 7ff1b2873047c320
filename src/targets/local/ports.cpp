#include "targets/local/ports.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <charconv>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace auterity::local {
namespace {

namespace fs = std::filesystem;

constexpr int kLowestPort = 20000;
constexpr int kPortsTried = 200;
constexpr int kPortRange = 12000;  // up to 31999; the kernel's own range begins at 32768
constexpr std::string_view kListening = "0A";

// Inodes of the sockets that listen on `port`, from a table like /proc/net/tcp: columns are
// separated by spaces, the second one is the local address as HEX:PORT, the fourth the state, the
// tenth the inode.
std::set<std::string> listening_inodes(const std::string& table, int port) {
  std::set<std::string> inodes;
  std::ifstream lines(table);
  const std::string wanted = fmt::format(":{:04X}", port);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream columns(line);
    std::string column, local, state, inode;
    columns >> column >> local >> column >> state;
    for (int skipped = 0; skipped < 5; ++skipped) columns >> column;
    columns >> inode;
    if (state == kListening && local.ends_with(wanted)) inodes.insert("socket:[" + inode + "]");
  }
  return inodes;
}

bool holds_any(const fs::path& process, const std::set<std::string>& inodes) {
  std::error_code error;
  for (fs::directory_iterator entry(process / "fd", error), end; !error && entry != end;
       entry.increment(error)) {
    std::error_code unreadable;
    if (inodes.contains(fs::read_symlink(entry->path(), unreadable).string())) return true;
  }
  return false;
}

}  // namespace

bool is_free(const std::string& address, int port) {
  const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return false;
  const int on = 1;  // as servers do: a connection that lingers after its end does not count
  ::setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in name{};
  name.sin_family = AF_INET;
  name.sin_port = htons(static_cast<std::uint16_t>(port));
  if (address == "*")
    name.sin_addr.s_addr = htonl(INADDR_ANY);
  else if (::inet_pton(AF_INET, address.c_str(), &name.sin_addr) != 1)
    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const bool bound = ::bind(descriptor, reinterpret_cast<const sockaddr*>(&name), sizeof name) == 0;
  // Two sockets may be bound with SO_REUSEADDR; only one may listen.
  const bool free = bound && ::listen(descriptor, 1) == 0;
  ::close(descriptor);
  return free;
}

Result<int> choose_free_port(Random& random, const std::set<int>& taken) {
  for (int tried = 0; tried < kPortsTried; ++tried) {
    const int port = kLowestPort + static_cast<int>(random.below(kPortRange));
    if (!taken.contains(port) && is_free("127.0.0.1", port)) return port;
  }
  return fail(ErrorKind::unavailable, "no free port was found on loopback",
              "see what holds them: ss -ltnp");
}

std::optional<PortHolder> find_port_holder(int port) {
  std::set<std::string> inodes = listening_inodes("/proc/net/tcp", port);
  inodes.merge(listening_inodes("/proc/net/tcp6", port));
  if (inodes.empty()) return std::nullopt;
  std::error_code error;
  for (fs::directory_iterator entry("/proc", error), end; !error && entry != end;
       entry.increment(error)) {
    PortHolder holder;
    const std::string name = entry->path().filename().string();
    const auto [last, problem] =
        std::from_chars(name.data(), name.data() + name.size(), holder.pid);
    if (problem != std::errc{} || last != name.data() + name.size()) continue;
    if (!holds_any(entry->path(), inodes)) continue;
    std::ifstream(entry->path() / "comm") >> holder.program;
    std::error_code unreadable;
    holder.folder = fs::read_symlink(entry->path() / "cwd", unreadable).string();
    return holder;
  }
  return std::nullopt;
}

}  // namespace auterity::local
