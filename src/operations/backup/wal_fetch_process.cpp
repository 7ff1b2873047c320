#include "operations/backup/wal_fetch_process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <optional>

#include "core/file_descriptor.h"

namespace auterity::operations::backup {
namespace {

constexpr std::size_t kPieceBytes = 1u << 18;

bool write_all(int to, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto written = ::write(to, bytes.data(), bytes.size());
    if (written < 0 && errno != EINTR) return false;
    if (written > 0) bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

// At most `size` bytes; empty at the end; nullopt on failure.
std::optional<std::string> read_some(int from, std::size_t size) {
  std::string bytes(size, '\0');
  for (;;) {
    const auto count = ::read(from, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return std::nullopt;
    bytes.resize(static_cast<std::size_t>(count));
    return bytes;
  }
}

std::optional<std::string> read_line(int from) {
  std::string line;
  for (;;) {
    const auto byte = read_some(from, 1);
    if (!byte || byte->empty() || line.size() > 4096) return std::nullopt;
    if (*byte == "\n") return line;
    line += *byte;
  }
}

bool connect_to(int client, const std::string& socket) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (socket.size() >= sizeof address.sun_path) return false;
  std::memcpy(address.sun_path, socket.c_str(), socket.size());
  return ::connect(client, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

// Exactly `size` bytes from the feed into the file.
bool copy(int from, std::size_t size, const std::string& path) {
  const FileDescriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  while (file.number() >= 0 && size > 0) {
    const auto piece = read_some(from, std::min(size, kPieceBytes));
    if (!piece || piece->empty() || !write_all(file.number(), *piece)) break;
    size -= piece->size();
  }
  if (file.number() >= 0 && size == 0) return true;
  ::unlink(path.c_str());
  return false;
}

}  // namespace

int run_wal_fetch(const std::string& socket, const std::string& name, const std::string& path) {
  const FileDescriptor feed(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (feed.number() < 0 || !connect_to(feed.number(), socket) ||
      !write_all(feed.number(), name + "\n"))
    return kWalFailed;
  const auto answer = read_line(feed.number());
  if (answer == kFeedAbsent) return kWalAbsent;
  const std::string found = fmt::format("{} ", kFeedFound);
  std::size_t size = 0;
  if (!answer || !answer->starts_with(found) ||
      std::from_chars(answer->data() + found.size(), answer->data() + answer->size(), size).ec !=
          std::errc{})
    return kWalFailed;
  return copy(feed.number(), size, path) ? kWalFetched : kWalFailed;
}

std::string wal_fetch_command(const std::filesystem::path& program,
                              const std::filesystem::path& socket) {
  return fmt::format("'{}' {} '{}' '%f' '%p'", program.string(), kWalFetchArgument,
                     socket.string());
}

}  // namespace auterity::operations::backup
