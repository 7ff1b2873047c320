#include "source_tree.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>

namespace auterity::style {
namespace fs = std::filesystem;

namespace {

fs::path project_folder() {
  const char* folder = std::getenv("AUTERITY_SOURCE_DIR");
  return folder != nullptr ? fs::path(folder) : fs::current_path();
}

bool ends_with_any(const std::string& name, const std::vector<std::string>& endings) {
  return std::ranges::any_of(endings,
                             [&](const std::string& ending) { return name.ends_with(ending); });
}

SourceFile read(const fs::path& path, const fs::path& root) {
  SourceFile file{.path = path.lexically_relative(root).string(), .lines = {}};
  std::ifstream stream(path);
  for (std::string line; std::getline(stream, line);) file.lines.push_back(line);
  return file;
}

}  // namespace

std::vector<SourceFile> read_sources(const std::vector<std::string>& folders,
                                     const std::vector<std::string>& endings) {
  const fs::path root = project_folder();
  std::vector<SourceFile> files;
  for (const std::string& folder : folders) {
    if (!fs::exists(root / folder)) continue;
    for (const auto& entry : fs::recursive_directory_iterator(root / folder))
      if (entry.is_regular_file() && ends_with_any(entry.path().filename().string(), endings) &&
          entry.path().string().find("node_modules") == std::string::npos)
        files.push_back(read(entry.path(), root));
  }
  std::ranges::sort(files, {}, &SourceFile::path);
  return files;
}

}  // namespace auterity::style
