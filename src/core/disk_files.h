#pragma once
// The real file system behind Files.
#include "core/files.h"

namespace auterity {

class DiskFiles final : public Files {
 public:
  Result<std::string> read(const std::filesystem::path& path, std::size_t max_bytes) override;
  Status write_atomically(const std::filesystem::path& path, std::string_view content,
                          unsigned mode) override;
  Status append_durably(const std::filesystem::path& path, std::string_view content,
                        unsigned mode) override;
  Status create_directories(const std::filesystem::path& path, unsigned mode) override;
  Status remove_tree(const std::filesystem::path& path) override;
  bool exists(const std::filesystem::path& path) override;
  Result<std::vector<std::string>> list(const std::filesystem::path& path) override;
};

// Error of errno for `path`: not_found, forbidden, storage_full, conflict (exists), invalid_input
// (a folder) or unavailable.
Error file_error(int error_number, std::string_view doing, const std::filesystem::path& path);

}  // namespace auterity
