#pragma once
// The file system as a service for everything that must be crash-safe or planned before done.
// DiskFiles is the real one; MemoryFiles keeps a tree in memory with the same errors for tests of
// planners and journals.
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"

namespace auterity {

class Files {
 public:
  virtual ~Files() = default;
  // Whole content; not_found, forbidden (permission), too_large over `max_bytes`.
  virtual Result<std::string> read(const std::filesystem::path& path,
                                   std::size_t max_bytes = 64u << 20) = 0;
  // Writes beside, fsyncs, renames over, fsyncs the folder: readers see the old or the new content,
  // never part of it. `mode` is the permission bits of the new file. storage_full when the disk is.
  virtual Status write_atomically(const std::filesystem::path& path, std::string_view content,
                                  unsigned mode = 0644) = 0;
  // Appends and fsyncs. `mode` is the permission bits of a file that is new.
  virtual Status append_durably(const std::filesystem::path& path, std::string_view content,
                                unsigned mode = 0600) = 0;
  virtual Status create_directories(const std::filesystem::path& path, unsigned mode = 0755) = 0;
  virtual Status remove_tree(const std::filesystem::path& path) = 0;
  virtual bool exists(const std::filesystem::path& path) = 0;
  // Names (not paths) of a folder's entries, sorted.
  virtual Result<std::vector<std::string>> list(const std::filesystem::path& path) = 0;
};

}  // namespace auterity
