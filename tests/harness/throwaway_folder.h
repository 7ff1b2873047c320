#pragma once
// A folder of a test's own under the machine's temporary folder, or in its memory, removed with all
// it holds when the object goes. Its path is short enough for unix sockets (107 bytes).
#include <filesystem>
#include <string_view>

namespace auterity::harness {

class ThrowawayFolder {
 public:
  enum class Place { disk, memory };
  // `purpose` becomes part of the name. In memory where this machine has a folder for that: for
  // tests that write much and lose nothing with the power.
  explicit ThrowawayFolder(std::string_view purpose, Place place = Place::disk);
  ThrowawayFolder(const ThrowawayFolder&) = delete;
  ThrowawayFolder& operator=(const ThrowawayFolder&) = delete;
  ~ThrowawayFolder();
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace auterity::harness
