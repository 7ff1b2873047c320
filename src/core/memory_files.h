#pragma once
// Files kept in memory, with the errors of the real ones: for tests of planners, journals and
// locks.
#include <map>
#include <set>

#include "core/files.h"

namespace auterity {

class MemoryFiles final : public Files {
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

  // Further writes fail with storage_full once this many bytes have been written; nullopt: never.
  std::optional<std::size_t> capacity;

 private:
  Status take_space(std::size_t bytes, const std::filesystem::path& path);
  Status need_folder(const std::filesystem::path& path, std::string_view doing) const;

  std::map<std::filesystem::path, std::string> contents_;
  std::set<std::filesystem::path> folders_{"/"};
  std::size_t written_ = 0;
};

}  // namespace auterity
