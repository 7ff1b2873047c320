#include "targets/local/log_tail.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <array>
#include <fstream>

namespace auterity::local {
namespace {

namespace fs = std::filesystem;

constexpr const char* kCurrent = "current";

struct FileFacts {
  std::uint64_t inode = 0;
  std::uint64_t size = 0;
};

FileFacts facts_of(const fs::path& path) {
  struct stat facts{};
  if (::stat(path.c_str(), &facts) != 0) return {};
  return {facts.st_ino, static_cast<std::uint64_t>(facts.st_size)};
}

}  // namespace

LogTail::LogTail(fs::path folder) : folder_(std::move(folder)) {
  const FileFacts current = facts_of(folder_ / kCurrent);
  inode_ = current.inode;
  offset_ = current.size;
}

bool LogTail::read_file(const fs::path& path, std::vector<std::string>& lines) {
  std::ifstream in(path, std::ios::binary);
  if (!in || !in.seekg(static_cast<std::streamoff>(offset_))) return false;
  std::array<char, 1 << 16> buffer;
  while (in.read(buffer.data(), buffer.size()) || in.gcount() > 0) {
    std::string_view piece(buffer.data(), static_cast<std::size_t>(in.gcount()));
    offset_ += piece.size();
    for (std::size_t end = piece.find('\n'); end != std::string_view::npos;
         end = piece.find('\n')) {
      rest_ += piece.substr(0, end);
      lines.push_back(std::move(rest_));
      rest_.clear();
      piece.remove_prefix(end + 1);
    }
    rest_ += piece;
  }
  return true;
}

fs::path LogTail::find_rotated() const {
  std::error_code error;
  for (fs::directory_iterator entry(folder_, error), end; !error && entry != end;
       entry.increment(error))
    if (facts_of(entry->path()).inode == inode_) return entry->path();
  return {};
}

Result<std::vector<std::string>> LogTail::read() {
  std::vector<std::string> lines;
  const FileFacts current = facts_of(folder_ / kCurrent);
  if (inode_ != 0 && current.inode != inode_) {
    const fs::path rotated = find_rotated();
    if (rotated.empty() || !read_file(rotated, lines))
      return fail(ErrorKind::failed,
                  fmt::format("{} was rotated away before it was read", folder_.string()),
                  "there are more log lines than ten files hold: lower the load, or try again");
    offset_ = 0;
    rest_.clear();
  }
  inode_ = current.inode;
  if (inode_ == 0) return lines;
  read_file(folder_ / kCurrent, lines);
  return lines;
}

}  // namespace auterity::local
