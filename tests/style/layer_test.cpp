// Who may include whom: the table of ARCHITECTURE.md.
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "source_tree.h"

namespace auterity::style {
namespace {

const std::map<std::string, std::set<std::string>> kMayInclude{
    {"core", {"core"}},
    {"data", {"data", "core"}},
    {"engine", {"engine", "core", "data"}},
    {"targets", {"targets", "core", "data"}},
    {"operations", {"operations", "core", "data", "targets"}},
    {"api", {"api", "core", "data", "engine", "operations"}},
    {"cli", {"cli", "core", "data", "engine", "api", "operations", "targets"}},
};

// "src/engine/tasks/set.cpp" → "engine"; empty for main.cpp.
std::string module_of(const std::string& path) {
  const std::size_t start = std::string("src/").size(), end = path.find('/', start);
  return end == std::string::npos ? "" : path.substr(start, end - start);
}

// "engine/tasks/set.h" out of `#include "engine/tasks/set.h"`; empty otherwise.
std::string included(const std::string& line) {
  if (!line.starts_with("#include \"")) return "";
  const std::size_t start = line.find('"') + 1;
  return line.substr(start, line.find('"', start) - start);
}

TEST(Layers, ModulesIncludeOnlyWhatStandsBelowThem) {
  for (const SourceFile& file : read_sources({"src"}, {".h", ".cpp"})) {
    const std::string module = module_of(file.path);
    if (module.empty()) continue;
    const auto allowed = kMayInclude.find(module);
    ASSERT_NE(allowed, kMayInclude.end())
        << file.path << ": " << module << " is no module of ARCHITECTURE.md";
    const bool is_test = file.path.ends_with("_test.cpp");
    for (std::size_t i = 0; i < file.lines.size(); ++i) {
      const std::string header = included(file.lines[i]);
      if (header.empty()) continue;
      const std::string target = header.substr(0, header.find('/'));
      if (is_test && target == "harness") continue;
      EXPECT_TRUE(allowed->second.contains(target))
          << file.path << ":" << i + 1 << ": " << module << " may not include " << header;
    }
  }
}

TEST(Layers, TheProductNeverIncludesTests) {
  for (const SourceFile& file : read_sources({"src"}, {".h", ".cpp"})) {
    if (file.path.ends_with("_test.cpp")) continue;
    for (const std::string& line : file.lines)
      EXPECT_TRUE(included(line).find("harness/") == std::string::npos &&
                  line.find("<gtest/") == std::string::npos)
          << file.path << ": " << line;
  }
}

}  // namespace
}  // namespace auterity::style
