#pragma once
// The folder behind the folder object store: blocking calls only, safe from several threads and
// processes at once. An object is a file at its key's path; it is written under @uploads (no key
// holds '@'), synced, and renamed to its place. Whatever changes what a key names happens under one
// lock, flock(2) on the folder itself, so that conditions hold across processes; readers take no
// lock. An upload's file is locked by its writer, so that what a dead process left is told from
// what a living one writes, and removed. The etag is made of modification time, size and inode; a
// replacement's time is later than the object's it replaces.
#include <filesystem>
#include <mutex>
#include <string>
#include <vector>

#include "core/error.h"
#include "core/file_descriptor.h"
#include "data/object_store.h"

namespace auterity::data {

// A file under @uploads, removed when it goes without having been published.
class Upload {
 public:
  Upload() = default;
  Upload(FileDescriptor file, std::filesystem::path path)
      : file_(std::move(file)), path_(std::move(path)) {}
  Upload(Upload&&) noexcept = default;
  Upload& operator=(Upload&&) noexcept = default;
  ~Upload() { discard(); }
  Status append(std::string_view bytes);
  void discard();

 private:
  friend class ObjectFolder;
  FileDescriptor file_;
  std::filesystem::path path_;
};

struct OpenObject {
  FileDescriptor file;
  ObjectInfo info;
};

class ObjectFolder {
 public:
  explicit ObjectFolder(std::filesystem::path root) : root_(std::move(root)) {}

  Result<Upload> begin_upload();
  // Makes the upload the object `key`, durably, if `condition` holds.
  Result<ObjectInfo> publish(Upload upload, const std::string& key,
                             const WriteCondition& condition);
  Result<OpenObject> open(const std::string& key) const;
  // The next at most `size` bytes; empty at the end.
  static Result<std::string> read(const FileDescriptor& file, std::size_t size);
  Status remove(const std::string& key);
  Result<std::vector<ObjectInfo>> list(const std::string& prefix, const std::string& after,
                                       std::size_t limit) const;

 private:
  Result<FileDescriptor> lock() const;
  void remove_stale_uploads();

  std::filesystem::path root_;
  std::once_flag stale_removed_;
};

}  // namespace auterity::data
