// The parser against documents that others wrote: the specification's examples and the scenarios of
// its conformance kit, when a checkout of them stands beside the source. examples/ of this
// repository is always read.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include "engine/definition/parser.h"
#include "harness/source_folder.h"

namespace auterity::engine {
namespace {

namespace fs = std::filesystem;
using harness::source_folder;

std::string read(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string problems_of(const std::string& text, const std::string& name) {
  const auto definition = parse_definition(text);
  std::string lines;
  if (!definition)
    for (const Problem& problem : definition.error()) lines += to_text(problem, name) + "\n";
  return lines;
}

std::vector<fs::path> yaml_files(const fs::path& folder) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder))
    if (entry.path().extension() == ".yaml") files.push_back(entry.path());
  std::ranges::sort(files);
  return files;
}

TEST(ParserCorpus, AcceptsTheExamplesOfThisRepository) {
  const fs::path folder = source_folder() / "examples";
  if (!fs::exists(folder)) GTEST_SKIP() << "no folder " << folder;
  for (const fs::path& file : yaml_files(folder)) {
    const std::string text = read(file);
    EXPECT_EQ(problems_of(text, file.filename()), "");
    const auto definition = parse_definition(text);
    ASSERT_TRUE(definition);
    EXPECT_TRUE((*definition)->unsupported.empty()) << file;
  }
}

TEST(ParserCorpus, AcceptsTheExamplesOfTheSpecification) {
  const fs::path folder = source_folder() / "../shared/open-workflow/examples";
  if (!fs::exists(folder)) GTEST_SKIP() << "no checkout of the specification at " << folder;
  for (const fs::path& file : yaml_files(folder))
    EXPECT_EQ(problems_of(read(file), file.filename()), "");
}

// The block of YAML behind each `definition:` or `input is:` step, with its indentation taken off.
std::vector<std::string> documents_in_feature(const std::string& feature, const char* step) {
  std::vector<std::string> documents;
  for (std::size_t at = 0; (at = feature.find(step, at)) != std::string::npos;) {
    const std::size_t mark = feature.find("\"\"\"yaml\n", at);
    const std::size_t begin = mark + 8;
    const std::size_t indent = mark - feature.rfind('\n', mark) - 1;
    const std::size_t end = feature.find("\"\"\"", begin);
    std::string document;
    for (std::size_t line = begin; line < end;) {
      const std::size_t next = feature.find('\n', line) + 1;
      std::string_view text(feature.data() + line, std::min(next, end) - line);
      document += text.substr(std::min(indent, text.size() - 1));
      line = next;
    }
    documents.push_back(document);
    at = end;
  }
  return documents;
}

TEST(ParserCorpus, AcceptsEveryScenarioOfTheConformanceKit) {
  const fs::path folder = source_folder() / "../shared/open-workflow/ctk/features";
  if (!fs::exists(folder)) GTEST_SKIP() << "no checkout of the conformance kit at " << folder;
  std::size_t scenarios = 0;
  for (const auto& entry : fs::directory_iterator(folder)) {
    const std::string feature = read(entry.path());
    for (const std::string& document :
         documents_in_feature(feature, "a workflow with definition:")) {
      ++scenarios;
      EXPECT_EQ(problems_of(document, entry.path().filename()), "") << document;
    }
    for (const std::string& document : documents_in_feature(feature, "the workflow input is:"))
      EXPECT_TRUE(parse_document(document)) << document;
  }
  EXPECT_EQ(scenarios, 21u);
}

TEST(ParserCorpus, NamesWhatThisBuildCannotRun) {
  const fs::path folder = source_folder() / "../shared/open-workflow/examples";
  if (!fs::exists(folder)) GTEST_SKIP() << "no checkout of the specification at " << folder;
  std::set<std::string> features;
  for (const fs::path& file : yaml_files(folder)) {
    const auto definition = parse_definition(read(file));
    if (!definition) continue;
    for (const UnsupportedFeature& feature : (*definition)->unsupported)
      features.insert(feature.feature);
  }
  EXPECT_EQ(features,
            (std::set<std::string>{"authentication: oauth2", "authentication: oidc",
                                   "call: asyncapi", "call: function", "call: grpc", "call: mcp",
                                   "call: openapi", "extension", "listen", "run: container",
                                   "run: script", "run: shell", "run: workflow", "schedule: on"}));
}

}  // namespace
}  // namespace auterity::engine
