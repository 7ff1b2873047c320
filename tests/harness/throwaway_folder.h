#pragma once
// A folder of a test's own under the machine's temporary folder, removed with all it holds when the
// object goes. Its path is short enough for unix sockets (107 bytes).
#include <filesystem>
#include <string_view>

namespace auterity::harness {

class ThrowawayFolder {
 public:
  // `purpose` becomes part of the name.
  explicit ThrowawayFolder(std::string_view purpose);
  ThrowawayFolder(const ThrowawayFolder&) = delete;
  ThrowawayFolder& operator=(const ThrowawayFolder&) = delete;
  ~ThrowawayFolder();
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace auterity::harness
