// Ban list with replacements, sizes, and what every header owes its reader.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "source_tree.h"

namespace auterity::style {
namespace {

constexpr std::size_t kLongestFile = 600;
constexpr std::size_t kLongestFunction = 70;
constexpr std::size_t kLongestLine =
    140;  // the formatter keeps code at 100; comments and literals it cannot break may be longer

struct Ban {
  std::string_view text;
  std::string_view instead;
  std::vector<std::string> allowed_in;  // prefixes of paths
};

const std::vector<Ban>& bans() {
  static const std::vector<Ban> list{
      {"asio::detached", "spawn through TaskGroup (core/task_group.h)", {}},
      {"sleep_for(", "wait for a signal, or use the injected clock", {}},
      {"std::this_thread",
       "one event loop a thread; use the injected clock",
       {"tests/", "benchmarks/"}},
      {"system_clock::now",
       "inject Clock (core/clock.h)",
       {"src/core/system_clock.cpp", "tests/", "benchmarks/"}},
      {"steady_clock::now",
       "inject Clock (core/clock.h)",
       {"src/core/system_clock.cpp", "tests/", "benchmarks/"}},
      {"std::random_device", "inject Random (core/random.h)", {}},
      {"std::regex", "RE2, which cannot be made to overflow the stack", {}},
      {"#include <regex>", "RE2, which cannot be made to overflow the stack", {}},
      {"#include <boost/asio.hpp>", "the headers that are needed", {}},
      {"#include <boost/beast.hpp>", "the headers that are needed", {}},
      {"#include <iostream>",
       "the streams of World, or a log line",
       {"src/main.cpp", "tests/", "benchmarks/"}},
      {"std::system(", "Processes (core/processes.h)", {}},
      {"popen(", "Processes (core/processes.h)", {}},
      {"await database->close()",
       "with_database (data/with_database.h): a cancelled caller would leave it open",
       {"benchmarks/"}},
      {"TODO", "do it, or write it down where work is planned", {}},
      {"FIXME", "mend it", {}},
  };
  return list;
}

std::vector<SourceFile> all_code() {
  return read_sources({"src", "tests", "benchmarks"}, {".h", ".cpp"});
}

// First words of the commands that src/cli declares.
std::set<std::string> commands() {
  std::set<std::string> names;
  for (const SourceFile& file : read_sources({"src/cli"}, {".cpp"}))
    for (const std::string& line : file.lines) {
      constexpr std::string_view kName = ".name = \"";
      const std::size_t at = line.find(kName);
      if (at == std::string::npos) continue;
      const std::string rest = line.substr(at + kName.size());
      names.insert(rest.substr(0, rest.find_first_of(" \"")));
    }
  return names;
}

// "…: auterity deploy" and "`auterity deploy`" tell somebody to give a command.
std::vector<std::string> told_commands(const std::string& line) {
  std::vector<std::string> words;
  for (const std::string_view lead : {": auterity ", "`auterity "}) {
    const std::size_t at = line.find(lead);
    if (at == std::string::npos) continue;
    const std::string rest = line.substr(at + lead.size());
    std::string word = rest.substr(0, rest.find_first_not_of("abcdefghijklmnopqrstuvwxyz-"));
    // What is left is a placeholder, or an option.
    if (!word.empty() && word.front() != '-') words.push_back(std::move(word));
  }
  return words;
}

TEST(Habits, CommandsThatAPersonIsToldToGiveExist) {
  const std::set<std::string> known = commands();
  ASSERT_TRUE(known.contains("deploy"));
  for (const SourceFile& file :
       read_sources({"src", "docs/operating", "web"}, {".cpp", ".h", ".md", ".js", ".html"})) {
    if (file.path.ends_with("_test.cpp")) continue;
    for (std::size_t i = 0; i < file.lines.size(); ++i)
      for (const std::string& word : told_commands(file.lines[i]))
        EXPECT_TRUE(known.contains(word))
            << file.path << ":" << i + 1 << ": there is no command " << word;
  }
}

TEST(Habits, NothingOnTheBanListIsUsed) {
  for (const SourceFile& file : all_code()) {
    if (file.path.starts_with("tests/style/")) continue;
    for (std::size_t i = 0; i < file.lines.size(); ++i)
      for (const Ban& ban : bans()) {
        const bool allowed = std::ranges::any_of(ban.allowed_in, [&](const std::string& prefix) {
          return file.path.starts_with(prefix);
        });
        EXPECT_TRUE(allowed || file.lines[i].find(ban.text) == std::string::npos)
            << file.path << ":" << i + 1 << ": " << ban.text
            << " is not used here; instead: " << ban.instead;
      }
  }
}

TEST(Habits, FilesHoldOneThing) {
  for (const SourceFile& file : all_code())
    EXPECT_LE(file.lines.size(), kLongestFile) << file.path << " holds two things: split it";
}

TEST(Habits, LinesCanBeRead) {
  for (const SourceFile& file : all_code())
    for (std::size_t i = 0; i < file.lines.size(); ++i)
      EXPECT_LE(file.lines[i].size(), kLongestLine) << file.path << ":" << i + 1;
}

// The formatter puts a function's opening at column 0 and its closing brace alone at column 0.
TEST(Habits, FunctionsFitAScreen) {
  for (const SourceFile& file : all_code()) {
    std::size_t opened = 0;
    bool inside = false;
    for (std::size_t i = 0; i < file.lines.size(); ++i) {
      const std::string& line = file.lines[i];
      const bool opens = !line.empty() && line.front() != ' ' && line.front() != '}' &&
                         line.back() == '{' && line.find('(') != std::string::npos &&
                         !line.starts_with("//");
      if (opens && !line.starts_with("namespace")) {
        inside = true;
        opened = i;
      } else if (inside && line == "}") {
        inside = false;
        EXPECT_LE(i - opened, kLongestFunction)
            << file.path << ":" << opened + 1 << ": split this function";
      }
    }
  }
}

TEST(Habits, HeadersOpenWithTheirPurpose) {
  for (const SourceFile& file : read_sources({"src", "tests/harness"}, {".h"})) {
    ASSERT_GE(file.lines.size(), 2u) << file.path;
    EXPECT_EQ(file.lines[0], "#pragma once") << file.path;
    EXPECT_TRUE(file.lines[1].starts_with("// "))
        << file.path << ": line 2 says what this header is for";
  }
}

TEST(Habits, NamesSayWhatTheyHold) {
  const std::set<std::string> vague{"util",    "utils",   "common", "helper",
                                    "helpers", "manager", "misc"};
  for (const SourceFile& file : all_code()) {
    std::string name = file.path.substr(file.path.rfind('/') + 1);
    name = name.substr(0, name.find('.'));
    for (std::size_t start = 0; start <= name.size();) {
      const std::size_t end = std::min(name.find('_', start), name.size());
      EXPECT_FALSE(vague.contains(name.substr(start, end - start)))
          << file.path << ": name it after what it holds";
      start = end + 1;
    }
  }
}

TEST(Habits, EverySourceIsReached) {
  // A header that nobody includes is dead.
  std::set<std::string> included;
  const auto code = all_code();
  for (const SourceFile& file : code)
    for (const std::string& line : file.lines)
      if (line.starts_with("#include \"")) {
        const std::size_t start = line.find('"') + 1;
        included.insert(line.substr(start, line.find('"', start) - start));
      }
  for (const SourceFile& file : code) {
    if (!file.path.ends_with(".h")) continue;
    const bool reached = std::ranges::any_of(
        included, [&](const std::string& header) { return file.path.ends_with("/" + header); });
    EXPECT_TRUE(reached) << file.path << " is included by nobody";
  }
}

}  // namespace
}  // namespace auterity::style
