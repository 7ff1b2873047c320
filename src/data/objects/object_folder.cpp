#include "data/objects/object_folder.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <optional>

#include "data/objects/file_error.h"

namespace auterity::data {
namespace {

namespace fs = std::filesystem;

constexpr const char* kUploads = "@uploads";
constexpr mode_t kFileMode = 0640;
constexpr mode_t kFolderMode = 0750;

std::int64_t nanoseconds(const timespec& time) {
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

ObjectInfo describe(const std::string& key, const struct stat& status) {
  const auto modified = nanoseconds(status.st_mtim);
  return {key, static_cast<std::uint64_t>(status.st_size),
          fmt::format("{:x}-{:x}-{:x}", modified, status.st_size, status.st_ino),
          from_epoch_microseconds(modified / 1000)};
}

// Status of the regular file at `path`; nullopt when there is none.
std::optional<struct stat> find_file(const fs::path& path) {
  struct stat status{};
  if (::lstat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return std::nullopt;
  return status;
}

Status sync_folder(const fs::path& path) {
  const FileDescriptor folder(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder || ::fsync(folder.number()) != 0) return file_error(errno, "syncing a folder");
  return {};
}

// Makes the folders between `root` and `path`; answers the outermost folder that got a new entry by
// that, or `path`.
Result<fs::path> make_folders(const fs::path& root, const fs::path& path) {
  auto changed = path;
  auto folder = root;
  for (const auto& segment : path.lexically_relative(root)) {
    const auto parent = folder;
    folder /= segment;
    if (segment == ".") continue;
    if (::mkdir(folder.c_str(), kFolderMode) == 0) {
      if (changed == path) changed = parent;
    } else if (errno != EEXIST) {
      return file_error(errno, "making the folder of an object");
    }
  }
  return changed;
}

// Syncs `folder` and those above it up to `outermost`.
Status sync_folders(fs::path folder, const fs::path& outermost) {
  for (;; folder = folder.parent_path()) {
    AUTERITY_CHECK(sync_folder(folder));
    if (folder == outermost) return {};
  }
}

Status check_condition(const WriteCondition& condition, const std::optional<ObjectInfo>& current) {
  if (condition.only_if_absent && current) {
    return fail(ErrorKind::conflict, "the object " + current->key + " exists already",
                "read it, and decide anew");
  }
  if (condition.only_if_etag && (!current || current->etag != *condition.only_if_etag)) {
    return fail(ErrorKind::conflict, "the object was changed or removed meanwhile",
                "read it again, and decide anew");
  }
  return {};
}

}  // namespace

Status Upload::append(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto written = ::write(file_.number(), bytes.data(), bytes.size());
    if (written >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno != EINTR) {
      const int number = errno;
      discard();
      return file_error(number, "writing an object");
    }
  }
  return {};
}

void Upload::discard() {
  if (file_) ::unlink(path_.c_str());
  file_ = FileDescriptor();
}

Result<Upload> ObjectFolder::begin_upload() {
  std::call_once(stale_removed_, [this] { remove_stale_uploads(); });
  static std::atomic<std::uint64_t> count = 0;
  const auto folder = root_ / kUploads;
  for (;;) {
    const auto path = folder / fmt::format("{}-{}", ::getpid(), ++count);
    FileDescriptor file(::open(path.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, kFileMode));
    if (!file && errno == EEXIST) continue;  // of a dead process that had our number
    if (!file && errno == ENOENT && ::mkdir(folder.c_str(), kFolderMode) == 0) continue;
    if (!file) return file_error(errno, "beginning an object");
    // Another process that cleans up may have come between open and lock.
    struct stat status{};
    if (::flock(file.number(), LOCK_EX | LOCK_NB) != 0 || ::fstat(file.number(), &status) != 0 ||
        status.st_nlink == 0)
      continue;
    return Upload(std::move(file), path);
  }
}

void ObjectFolder::remove_stale_uploads() {
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(root_ / kUploads, ignored)) {
    const FileDescriptor file(::open(entry.path().c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    if (file && ::flock(file.number(), LOCK_EX | LOCK_NB) == 0) ::unlink(entry.path().c_str());
  }
}

Result<FileDescriptor> ObjectFolder::lock() const {
  FileDescriptor folder(::open(root_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder) return file_error(errno, "opening the folder of objects");
  while (::flock(folder.number(), LOCK_EX) != 0) {
    if (errno != EINTR) return file_error(errno, "locking the folder of objects");
  }
  return folder;
}

Result<ObjectInfo> ObjectFolder::publish(Upload upload, const std::string& key,
                                         const WriteCondition& condition) {
  const int file = upload.file_.number();
  if (::fsync(file) != 0) return file_error(errno, "syncing an object");
  const auto path = root_ / key;
  auto outermost = path.parent_path();
  struct stat status{};
  {
    AUTERITY_TRY(locked, lock());
    std::optional<ObjectInfo> current;
    const auto before = find_file(path);
    if (before) current = describe(key, *before);
    AUTERITY_CHECK(check_condition(condition, current));
    if (::fstat(file, &status) != 0) return file_error(errno, "reading an object's state");
    if (before && nanoseconds(status.st_mtim) <= nanoseconds(before->st_mtim)) {
      const auto later = nanoseconds(before->st_mtim) + 1;
      const timespec time{later / 1'000'000'000, later % 1'000'000'000};
      const timespec times[] = {time, time};
      if (::futimens(file, times) != 0 || ::fstat(file, &status) != 0)
        return file_error(errno, "dating an object");
    }
    AUTERITY_TRY(made, make_folders(root_, path.parent_path()));
    outermost = std::move(made);
    if (::rename(upload.path_.c_str(), path.c_str()) != 0)
      return file_error(errno, "publishing an object");
  }
  upload.file_ = FileDescriptor();  // published: nothing to remove
  AUTERITY_CHECK(sync_folders(path.parent_path(), outermost));
  return describe(key, status);
}

Result<OpenObject> ObjectFolder::open(const std::string& key) const {
  OpenObject object;
  object.file = FileDescriptor(::open((root_ / key).c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  const int number = errno;
  struct stat status{};
  if (object.file && ::fstat(object.file.number(), &status) == 0 && S_ISREG(status.st_mode)) {
    object.info = describe(key, status);
    return object;
  }
  if (object.file || number == ENOENT || number == ENOTDIR || number == ELOOP) {
    return fail(ErrorKind::not_found, "there is no object " + key,
                "list what is there, and check the key");
  }
  return file_error(number, "opening the object " + key);
}

Result<std::string> ObjectFolder::read(const FileDescriptor& file, std::size_t size) {
  std::string bytes(size, '\0');
  std::size_t filled = 0;
  while (filled < size) {
    const auto count = ::read(file.number(), bytes.data() + filled, size - filled);
    if (count == 0) break;
    if (count > 0)
      filled += static_cast<std::size_t>(count);
    else if (errno != EINTR)
      return file_error(errno, "reading an object");
  }
  bytes.resize(filled);
  return bytes;
}

Status ObjectFolder::remove(const std::string& key) {
  const auto path = root_ / key;
  auto folder = path.parent_path();
  AUTERITY_TRY(locked, lock());
  if (!find_file(path)) return {};
  if (::unlink(path.c_str()) != 0 && errno != ENOENT)
    return file_error(errno, "removing an object");
  // Folders that hold nothing go, too: keys, not folders, are what exists.
  while (folder != root_ && ::rmdir(folder.c_str()) == 0) folder = folder.parent_path();
  return sync_folder(folder);
}

}  // namespace auterity::data
