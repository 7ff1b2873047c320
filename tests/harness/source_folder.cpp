#include "harness/source_folder.h"

#include <cstdlib>

namespace auterity::harness {

std::filesystem::path source_folder() {
  if (const char* folder = std::getenv("AUTERITY_SOURCE_DIR")) return folder;
  return AUTERITY_HARNESS_SOURCE_DIR;
}

}  // namespace auterity::harness
