#include "core/disk_files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "core/file_descriptor.h"

namespace auterity {
namespace fs = std::filesystem;

Error file_error(int error_number, std::string_view doing, const fs::path& path) {
  const std::string message =
      fmt::format("{} {}: {}", doing, path.string(), std::generic_category().message(error_number));
  switch (error_number) {
    case ENOENT:
    case ENOTDIR:
      return {ErrorKind::not_found, message, "check the path"};
    case EISDIR:
      return {ErrorKind::invalid_input, message, "name a file, not a folder"};
    case EACCES:
    case EPERM:
    case EROFS:
      return {ErrorKind::forbidden, message, "check the owner and the permissions of the path"};
    case ENOSPC:
    case EDQUOT:
      return {ErrorKind::storage_full, message, "free some space on that disk and try again"};
    case EEXIST:
    case ENOTEMPTY:
      return {ErrorKind::conflict, message, "remove what is there, or choose another path"};
    default:
      return {ErrorKind::unavailable, message, "check the disk that holds the path"};
  }
}

namespace {

// 0 or an errno.
int write_all(int descriptor, std::string_view content) {
  while (!content.empty()) {
    const ssize_t written = ::write(descriptor, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  return ::fsync(descriptor) == 0 ? 0 : errno;
}

int sync_folder(const fs::path& folder) {
  const FileDescriptor descriptor(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (descriptor.number() < 0) return errno;
  return ::fsync(descriptor.number()) == 0 ? 0 : errno;
}

fs::path folder_of(const fs::path& path) {
  return path.has_parent_path() ? path.parent_path() : fs::path(".");
}

}  // namespace

Result<std::string> DiskFiles::read(const fs::path& path, std::size_t max_bytes) {
  const FileDescriptor descriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (descriptor.number() < 0) return std::unexpected(file_error(errno, "reading", path));
  std::string content;
  char buffer[65536];
  for (;;) {
    const ssize_t got = ::read(descriptor.number(), buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return std::unexpected(file_error(errno, "reading", path));
    if (got == 0) return content;
    content.append(buffer, static_cast<std::size_t>(got));
    if (content.size() > max_bytes)
      return fail(ErrorKind::too_large,
                  fmt::format("{} has more than {} bytes", path.string(), max_bytes),
                  "use a smaller file");
  }
}

Status DiskFiles::write_atomically(const fs::path& path, std::string_view content, unsigned mode) {
  fs::path beside = path;
  beside += fmt::format(".{}.tmp", ::getpid());
  ::unlink(beside.c_str());  // left by a process of the same number that died
  int error = 0;
  {
    const FileDescriptor descriptor(
        ::open(beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode));
    if (descriptor.number() < 0) return std::unexpected(file_error(errno, "writing", path));
    // The mask of the process must not narrow what the caller asked for.
    if (::fchmod(descriptor.number(), mode) != 0) error = errno;
    if (error == 0) error = write_all(descriptor.number(), content);
  }
  if (error == 0 && ::rename(beside.c_str(), path.c_str()) != 0) error = errno;
  if (error == 0) error = sync_folder(folder_of(path));
  if (error == 0) return {};
  ::unlink(beside.c_str());
  return std::unexpected(file_error(error, "writing", path));
}

Status DiskFiles::append_durably(const fs::path& path, std::string_view content, unsigned mode) {
  const bool fresh = !exists(path);
  const FileDescriptor descriptor(
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, mode));
  if (descriptor.number() < 0) return std::unexpected(file_error(errno, "appending to", path));
  if (const int error = write_all(descriptor.number(), content))
    return std::unexpected(file_error(error, "appending to", path));
  if (const int error = fresh ? sync_folder(folder_of(path)) : 0)
    return std::unexpected(file_error(error, "appending to", path));
  return {};
}

Status DiskFiles::create_directories(const fs::path& path, unsigned mode) {
  std::error_code error;
  if (fs::is_directory(path, error)) return {};
  if (path.has_parent_path() && path.parent_path() != path)
    AUTERITY_CHECK(create_directories(path.parent_path(), mode));
  if (::mkdir(path.c_str(), mode) != 0 && errno != EEXIST)
    return std::unexpected(file_error(errno, "creating", path));
  if (!fs::is_directory(path, error)) return std::unexpected(file_error(ENOTDIR, "creating", path));
  return {};
}

Status DiskFiles::remove_tree(const fs::path& path) {
  std::error_code error;
  fs::remove_all(path, error);
  if (error) return std::unexpected(file_error(error.value(), "removing", path));
  return {};
}

bool DiskFiles::exists(const fs::path& path) {
  std::error_code error;
  return fs::exists(fs::symlink_status(path, error));
}

Result<std::vector<std::string>> DiskFiles::list(const fs::path& path) {
  std::error_code error;
  std::vector<std::string> names;
  for (auto entry = fs::directory_iterator(path, error);
       !error && entry != fs::directory_iterator(); entry.increment(error))
    names.push_back(entry->path().filename().string());
  if (error) return std::unexpected(file_error(error.value(), "listing", path));
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace auterity
