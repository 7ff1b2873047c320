// What the pages of docs/operating promise about tests and commands.
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <set>

#include "source_tree.h"

namespace auterity::style {
namespace {

constexpr std::string_view kGuide = "docs/operating/guide.md";

std::string whole(const SourceFile& file) {
  std::string text;
  for (const std::string& line : file.lines) text += line + '\n';
  return text;
}

std::string word_at(const std::string& text, std::size_t start) {
  const auto end = std::find_if_not(text.begin() + static_cast<std::ptrdiff_t>(start), text.end(),
                                    [](unsigned char c) { return std::isalnum(c) || c == '_'; });
  return {text.begin() + static_cast<std::ptrdiff_t>(start), end};
}

// "Suite.Name" of every TEST, TEST_F and TEST_P, however its line is broken.
std::set<std::string> tests() {
  std::set<std::string> names;
  for (const SourceFile& file : read_sources({"src", "tests"}, {"_test.cpp", "_contract.cpp"})) {
    const std::string text = whole(file);
    for (std::size_t at = text.find("\nTEST"); at != std::string::npos;
         at = text.find("\nTEST", at + 1)) {
      const std::size_t opened = text.find('(', at);
      const std::size_t comma = text.find(',', at);
      if (opened == std::string::npos || comma == std::string::npos || comma < opened) continue;
      const std::size_t name = text.find_first_not_of(" \n", comma + 1);
      names.insert(text.substr(opened + 1, comma - opened - 1) + "." + word_at(text, name));
    }
  }
  return names;
}

// What stands between backticks in a line.
std::vector<std::string> quoted(const std::string& line) {
  std::vector<std::string> words;
  for (std::size_t at = line.find('`'); at != std::string::npos;) {
    const std::size_t end = line.find('`', at + 1);
    if (end == std::string::npos) break;
    words.push_back(line.substr(at + 1, end - at - 1));
    at = line.find('`', end + 1);
  }
  return words;
}

// "Suite.Name", both with a capital.
bool names_a_test(const std::string& word) {
  const std::size_t dot = word.find('.');
  return dot != std::string::npos && dot + 1 < word.size() &&
         std::isupper(static_cast<unsigned char>(word[0])) != 0 &&
         std::isupper(static_cast<unsigned char>(word[dot + 1])) != 0;
}

// "M4" of "| M4 | …"; empty for other lines.
std::string row_id(const std::string& line) {
  if (!line.starts_with("| ")) return "";
  const std::string id = word_at(line, 2);
  const bool is_id = id.size() >= 2 && std::isupper(static_cast<unsigned char>(id[0])) != 0 &&
                     std::isdigit(static_cast<unsigned char>(id[1])) != 0;
  return is_id ? id : "";
}

TEST(Guide, EveryRowIsShownByTestsThatExist) {
  const std::set<std::string> known = tests();
  ASSERT_TRUE(known.contains("Guide.EveryRowIsShownByTestsThatExist"));
  std::set<std::string> rows;
  for (const SourceFile& file : read_sources({"docs/operating"}, {".md"})) {
    for (std::size_t i = 0; i < file.lines.size(); ++i) {
      const std::string id = file.path == kGuide ? row_id(file.lines[i]) : "";
      bool shown = false;
      for (const std::string& word : quoted(file.lines[i])) {
        if (!names_a_test(word)) continue;
        shown = true;
        EXPECT_TRUE(known.contains(word))
            << file.path << ":" << i + 1 << ": there is no test " << word;
      }
      if (id.empty()) continue;
      EXPECT_TRUE(shown) << file.path << ":" << i + 1 << ": no test shows " << id;
      EXPECT_TRUE(rows.insert(id).second) << file.path << ":" << i + 1 << ": " << id << " again";
    }
  }
  const std::set<std::string> wanted{
      "T2", "T4",  "T5",  "T8",  "C1", "C2", "C3", "C4", "C5", "C6", "B4", "B5", "B7", "B8",
      "B9", "B10", "B14", "B15", "M1", "M2", "M3", "M4", "M5", "M6", "M7", "M8", "E1", "E2",
      "E3", "E4",  "K1",  "K3",  "K4", "K5", "K6", "D1", "D2", "R1", "R2", "R6", "R7", "R8"};
  EXPECT_EQ(rows, wanted);
}

TEST(Guide, EveryPageSaysWhichCommandTakesThePlaceOfTheGuidesScripts) {
  const auto pages = read_sources({"docs/operating"}, {".md"});
  EXPECT_GE(pages.size(), 8u);
  for (const SourceFile& page : pages) {
    if (page.path == kGuide) continue;
    const auto heading = std::ranges::find(page.lines, "## The guide's script → our command");
    ASSERT_NE(heading, page.lines.end()) << page.path << " has no such table at its end";
    const auto rows = std::count_if(heading, page.lines.end(), [](const std::string& line) {
      return line.starts_with("| ") && line.contains('`');
    });
    EXPECT_GE(rows, 1) << page.path;
  }
}

}  // namespace
}  // namespace auterity::style
