#include "harness/throwaway_folder.h"

#include <stdlib.h>
#include <unistd.h>

#include <string>
#include <system_error>

namespace auterity::harness {

ThrowawayFolder::ThrowawayFolder(std::string_view purpose, Place place) {
  constexpr const char* kMemory = "/dev/shm";
  const bool in_memory = place == Place::memory && ::access(kMemory, W_OK) == 0;
  std::string pattern =
      std::string(in_memory ? kMemory : "/tmp") + "/auterity-" + std::string(purpose) + "-XXXXXX";
  if (!::mkdtemp(pattern.data()))
    throw std::system_error(errno, std::generic_category(), "mkdtemp " + pattern);
  path_ = pattern;
}

ThrowawayFolder::~ThrowawayFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace auterity::harness
