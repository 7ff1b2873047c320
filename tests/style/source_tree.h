#pragma once
// The project's own sources as text, for tests of style. Folders that are built, installed or not
// ours are left out.
#include <filesystem>
#include <string>
#include <vector>

namespace auterity::style {

struct SourceFile {
  std::string path;  // relative to the project, "src/core/json.h"
  std::vector<std::string> lines;
};

// Files below `folders` whose name ends in one of `endings`, sorted by path.
std::vector<SourceFile> read_sources(const std::vector<std::string>& folders,
                                     const std::vector<std::string>& endings);

}  // namespace auterity::style
