#include "core/memory_files.h"

#include <cerrno>

#include "core/disk_files.h"

namespace auterity {
namespace fs = std::filesystem;

Status MemoryFiles::take_space(std::size_t bytes, const fs::path& path) {
  if (capacity && written_ + bytes > *capacity)
    return std::unexpected(file_error(ENOSPC, "writing", path));
  written_ += bytes;
  return {};
}

Status MemoryFiles::need_folder(const fs::path& path, std::string_view doing) const {
  if (folders_.contains(path.parent_path().lexically_normal())) return {};
  return std::unexpected(file_error(ENOENT, doing, path));
}

Result<std::string> MemoryFiles::read(const fs::path& path, std::size_t max_bytes) {
  const auto found = contents_.find(path.lexically_normal());
  if (found == contents_.end()) return std::unexpected(file_error(ENOENT, "reading", path));
  if (found->second.size() > max_bytes)
    return fail(ErrorKind::too_large, path.string() + " has too many bytes", "use a smaller file");
  return found->second;
}

Status MemoryFiles::write_atomically(const fs::path& path, std::string_view content, unsigned) {
  AUTERITY_CHECK(need_folder(path, "writing"));
  AUTERITY_CHECK(take_space(content.size(), path));
  contents_[path.lexically_normal()] = content;
  return {};
}

Status MemoryFiles::append_durably(const fs::path& path, std::string_view content, unsigned) {
  AUTERITY_CHECK(need_folder(path, "appending to"));
  AUTERITY_CHECK(take_space(content.size(), path));
  contents_[path.lexically_normal()] += content;
  return {};
}

Status MemoryFiles::create_directories(const fs::path& path, unsigned) {
  for (fs::path folder = path.lexically_normal(); !folder.empty(); folder = folder.parent_path()) {
    if (contents_.contains(folder)) return std::unexpected(file_error(ENOTDIR, "creating", path));
    folders_.insert(folder);
    if (folder == folder.parent_path()) break;
  }
  return {};
}

Status MemoryFiles::remove_tree(const fs::path& path) {
  const fs::path root = path.lexically_normal();
  const auto below = [&](const fs::path& other) {
    const fs::path relative = other.lexically_relative(root);
    return !relative.empty() && *relative.begin() != "..";
  };
  std::erase_if(contents_, [&](const auto& entry) { return below(entry.first); });
  std::erase_if(folders_, below);
  return {};
}

bool MemoryFiles::exists(const fs::path& path) {
  return contents_.contains(path.lexically_normal()) || folders_.contains(path.lexically_normal());
}

Result<std::vector<std::string>> MemoryFiles::list(const fs::path& path) {
  const fs::path folder = path.lexically_normal();
  if (!folders_.contains(folder)) return std::unexpected(file_error(ENOENT, "listing", path));
  std::set<std::string> names;
  for (const auto& [file, content] : contents_)
    if (file.parent_path() == folder) names.insert(file.filename());
  for (const fs::path& other : folders_)
    if (other != folder && other.parent_path() == folder) names.insert(other.filename());
  return std::vector<std::string>(names.begin(), names.end());
}

}  // namespace auterity
