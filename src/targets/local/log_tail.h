#pragma once
// Reads what a component's logger adds to its log from a moment on, over s6-log's rotations: the
// file `current` is renamed to "@<time>.s" when it is full and a new one begins. Complete lines
// only. Not a following reader: the caller asks again.
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "core/error.h"

namespace auterity::local {

class LogTail {
 public:
  // From the present end of the log in `folder` (logs/haproxy).
  explicit LogTail(std::filesystem::path folder);

  // Lines since the last call, oldest first, without line feeds. failed when the log was rotated
  // away faster than it was read.
  Result<std::vector<std::string>> read();

 private:
  // Reads `path` from offset_ on; true when it is the file that was read so far.
  bool read_file(const std::filesystem::path& path, std::vector<std::string>& lines);
  std::filesystem::path find_rotated() const;

  std::filesystem::path folder_;
  std::uint64_t inode_ = 0;  // of the file that was read last; 0: there was none
  std::uint64_t offset_ = 0;
  std::string rest_;  // of a line whose end is not written yet
};

}  // namespace auterity::local
