#include "operations/backup/cluster_archive.h"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <set>
#include <system_error>

#include "core/crc32c.h"
#include "core/digest.h"
#include "core/file_descriptor.h"

namespace auterity::operations::backup {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kReadBytes = 1u << 20;
constexpr std::string_view kLogFolder = "pg_wal/";  // its files are in no manifest

std::unexpected<Error> file_failure(int number, std::string_view doing, const std::string& path) {
  const bool full = number == ENOSPC || number == EDQUOT || number == EFBIG;
  return fail(full ? ErrorKind::storage_full : ErrorKind::unavailable,
              fmt::format("{} {}: {}", doing, path, std::generic_category().message(number)),
              full ? "free space on that disk, or restore to another one"
                   : "check the disk that is restored to");
}

std::unexpected<Error> damaged(std::string what) {
  return fail(ErrorKind::failed, "the base backup is damaged: " + std::move(what),
              "restore from another backup");
}

// What libarchive could not do; memory is the machine's.
std::unexpected<Error> archive_failure(archive* source) {
  const char* said = archive_error_string(source);
  const std::string what = said == nullptr ? "its archive cannot be read" : said;
  if (archive_errno(source) == ENOMEM)
    return fail(ErrorKind::unavailable, "unpacking the base backup: " + what,
                "free memory on this machine, and try again");
  return damaged(what);
}

// Of one file, while it is written.
class FileChecksum {
 public:
  explicit FileChecksum(const ManifestFile* expected) : expected_(expected) {}

  void add(std::string_view bytes) {
    size_ += bytes.size();
    if (expected_ == nullptr) return;
    if (expected_->algorithm == ManifestFile::Algorithm::crc32c) crc_ = crc32c(crc_, bytes);
    if (expected_->algorithm == ManifestFile::Algorithm::sha256) sha256_.add(bytes);
  }

  Status compare(const std::string& path) {
    if (expected_ == nullptr) return {};
    if (size_ != expected_->size)
      return damaged(fmt::format("{} has {} bytes instead of {}", path, size_, expected_->size));
    const std::string found = text();
    if (found == expected_->checksum) return {};
    return damaged(
        fmt::format("{} has the checksum {} instead of {}", path, found, expected_->checksum));
  }

  std::uint64_t size() const { return size_; }

 private:
  std::string text() {
    switch (expected_->algorithm) {
      case ManifestFile::Algorithm::sha256:
        return sha256_.hex();
      case ManifestFile::Algorithm::crc32c:  // its bytes as they lie in memory, lowest first
        return fmt::format("{:02x}{:02x}{:02x}{:02x}", crc_ & 0xFF, (crc_ >> 8) & 0xFF,
                           (crc_ >> 16) & 0xFF, crc_ >> 24);
      case ManifestFile::Algorithm::none:
        return expected_->checksum;
    }
    return {};
  }

  const ManifestFile* expected_;
  std::uint64_t size_ = 0;
  std::uint32_t crc_ = 0;
  Sha256 sha256_;
};

// Relative, and leads nowhere else.
bool is_safe(const fs::path& path) {
  if (path.empty() || path.is_absolute()) return false;
  for (const auto& part : path)
    if (part == "..") return false;
  return true;
}

class Unpacking {
 public:
  Unpacking(const fs::path& folder, const ServerManifest& manifest, std::optional<FileOwner> owner)
      : folder_(folder), manifest_(manifest), owner_(owner) {}

  Status take(archive* source, archive_entry* entry) {
    const char* name = archive_entry_pathname(entry);
    const fs::path path = fs::path(name == nullptr ? "" : name).lexically_normal();
    if (path == "." || path == "./") return {};
    if (!is_safe(path)) return damaged("its archive names a file outside of the data folder");
    const auto type = archive_entry_filetype(entry);
    if (type == AE_IFDIR) return make_folder(path);
    if (type == AE_IFREG) return write_file(source, path.string());
    return damaged(path.string() + " is neither a file nor a folder");
  }

  Result<UnpackedCluster> finish() {
    for (const auto& [path, file] : manifest_)
      if (!seen_.contains(path)) return damaged(path + " is missing");
    return unpacked_;
  }

 private:
  Status make_folder(const fs::path& path) {
    const std::string full = (folder_ / path).lexically_normal().string();
    if (::mkdir(full.c_str(), 0700) != 0 && errno != EEXIST)
      return file_failure(errno, "making", full);
    if (owner_ && ::lchown(full.c_str(), owner_->user, owner_->group) != 0)
      return file_failure(errno, "giving away", full);
    return {};
  }

  Status write_file(archive* source, const std::string& path) {
    const auto expected = manifest_.find(path);
    if (expected == manifest_.end() && !path.starts_with(kLogFolder))
      return damaged(path + " is not in the server's manifest");
    if (!seen_.insert(path).second) return damaged(path + " is in it twice");
    const std::string full = (folder_ / path).string();
    const FileDescriptor file(
        ::open(full.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (file.number() < 0) return file_failure(errno, "making", full);
    if (owner_ && ::fchown(file.number(), owner_->user, owner_->group) != 0)
      return file_failure(errno, "giving away", full);
    FileChecksum checksum(expected == manifest_.end() ? nullptr : &expected->second);
    AUTERITY_CHECK(copy(source, file.number(), full, checksum));
    ++unpacked_.files;
    unpacked_.bytes += checksum.size();
    return checksum.compare(path);
  }

  Status copy(archive* source, int file, const std::string& full, FileChecksum& checksum) {
    for (;;) {
      const void* block = nullptr;
      std::size_t size = 0;
      la_int64_t offset = 0;
      const int answer = archive_read_data_block(source, &block, &size, &offset);
      if (answer == ARCHIVE_EOF) return {};
      if (answer != ARCHIVE_OK) return archive_failure(source);
      std::string_view bytes(static_cast<const char*>(block), size);
      checksum.add(bytes);
      while (!bytes.empty()) {
        const auto written = ::write(file, bytes.data(), bytes.size());
        if (written < 0 && errno != EINTR) return file_failure(errno, "writing", full);
        if (written > 0) bytes.remove_prefix(static_cast<std::size_t>(written));
      }
    }
  }

  const fs::path& folder_;
  const ServerManifest& manifest_;
  std::optional<FileOwner> owner_;
  std::set<std::string, std::less<>> seen_;
  UnpackedCluster unpacked_;
};

}  // namespace

Result<UnpackedCluster> unpack_cluster(int archive_descriptor, const fs::path& folder,
                                       const ServerManifest& manifest,
                                       std::optional<FileOwner> owner) {
  const std::unique_ptr<archive, decltype(&archive_read_free)> source(archive_read_new(),
                                                                      archive_read_free);
  archive_read_support_format_tar(source.get());
  archive_read_support_filter_zstd(source.get());
  if (archive_read_open_fd(source.get(), archive_descriptor, kReadBytes) != ARCHIVE_OK)
    return archive_failure(source.get());
  Unpacking unpacking(folder, manifest, owner);
  for (;;) {
    archive_entry* entry = nullptr;
    const int answer = archive_read_next_header(source.get(), &entry);
    if (answer == ARCHIVE_EOF) return unpacking.finish();
    if (answer != ARCHIVE_OK) return archive_failure(source.get());
    AUTERITY_CHECK(unpacking.take(source.get(), entry));
  }
}

}  // namespace auterity::operations::backup
