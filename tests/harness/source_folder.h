#pragma once
// Where the project's sources stand, for tests that read its files.
#include <filesystem>

namespace auterity::harness {

// AUTERITY_SOURCE_DIR, which ctest sets, else the folder this library was compiled in.
std::filesystem::path source_folder();

}  // namespace auterity::harness
