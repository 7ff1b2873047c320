// Twenty thousand broken documents, the same ones in every run: whatever the text, the parser
// answers, and its answer is whole. A failing mutation prints its document.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>

#include "engine/definition/parser.h"
#include "harness/source_folder.h"

namespace auterity::engine {
namespace {

constexpr int kMutations = 20'000;

// Constructs that the examples do not use, because nothing runs them yet.
constexpr std::string_view kCheckedOnly = R"(document:
  dsl: '1.0.3'
  namespace: test
  name: everything
  version: '1.0.0'
use:
  secrets: [login]
  authentications: {shared: {oauth2: {use: login}}}
  functions: {greet: {call: http, with: {method: get, endpoint: 'https://x.io/{name}'}}}
  extensions:
    - log: {extend: all, when: .x, before: [{note: {set: {a: 1}}}]}
  catalogs: {mine: {endpoint: {uri: 'https://x.io', authentication: {use: shared}}}}
schedule:
  on: {any: [{with: {type: a}, correlate: {id: {from: .id, expect: '7'}}}], until: '. | length > 2'}
  read: envelope
do:
  - first: &anchored
      listen: {to: {all: [{with: {type: a}}, {with: {type: b}}]}, read: raw}
      foreach: {item: event, do: [{keep: {set: {e: '${ $event }'}}}]}
  - second: *anchored
  - third: {run: {container: {image: x, lifetime: {cleanup: eventually, after: PT1M}}, return: all}}
  - fourth: {run: {script: {language: js, code: "1\n"}}}
  - fifth: {call: grpc, with: {proto: {endpoint: x}, service: {name: a, host: b, port: 1}, method: m}}
  - sixth:
      call: asyncapi
      with:
        document: {endpoint: x}
        operation: o
        subscription: {consume: {amount: 1, for: {hours: 1}}, filter: '${ .x }'}
  - seventh: {call: mcp, with: {method: tools/call, transport: {stdio: {command: x}}}}
  - eighth: {call: 'greet', with: {name: x}}
)";

constexpr std::string_view kJson = R"({
  "document": {"dsl": "1.0.3", "namespace": "a", "name": "b", "version": "1.0.0-rc.1"},
  "timeout": {"after": {"seconds": 1, "milliseconds": 500}},
  "do": [
    {"one": {"if": ".x", "switch": [{"a": {"when": ".y", "then": "two"}}, {"b": {"then": "end"}}]}},
    {"two": {"try": [{"x": {"wait": "PT1S"}}], "catch": {"retry": {"backoff": {"linear": {}}}}}}
  ]
})";

std::vector<std::string> samples() {
  std::vector<std::string> documents{std::string(kCheckedOnly), std::string(kJson)};
  std::vector<std::filesystem::path> files;
  for (const auto& entry :
       std::filesystem::directory_iterator(harness::source_folder() / "examples"))
    if (entry.path().extension() == ".yaml") files.push_back(entry.path());
  std::ranges::sort(files);
  for (const auto& path : files) {
    std::ifstream file(path, std::ios::binary);
    documents.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  return documents;
}

constexpr std::string_view kPieces[] = {": ",
                                        "- ",
                                        "${",
                                        "}",
                                        "{",
                                        "[",
                                        "]",
                                        "\"",
                                        "'",
                                        "\n",
                                        "\t",
                                        "&a ",
                                        "*a",
                                        "!!int ",
                                        "!x ",
                                        "? ",
                                        "|\n",
                                        "#",
                                        "---\n",
                                        "...\n",
                                        "<<: *a\n",
                                        "null",
                                        "~",
                                        "1e999",
                                        "-1",
                                        "0x",
                                        "PT",
                                        "do:\n",
                                        "then: end\n",
                                        "%YAML 1.2\n",
                                        "\\u0000",
                                        "\xFF",
                                        "\xC3",
                                        "\xEF\xBB\xBF",
                                        "$",
                                        "(",
                                        "😀",
                                        ",",
                                        "@",
                                        "`",
                                        "18446744073709551616",
                                        "set: {}",
                                        "${ . }",
                                        "  ",
                                        "          "};

class Mutator {
 public:
  explicit Mutator(std::vector<std::string> documents) : documents_(std::move(documents)) {}

  std::string next() {
    std::string text = documents_[below(documents_.size())];
    for (std::size_t count = 1 + below(4); count > 0; --count) change(text);
    return text;
  }

 private:
  std::size_t below(std::size_t end) {
    return std::uniform_int_distribution<std::size_t>(0, end - 1)(random_);
  }

  void change(std::string& text) {
    const std::size_t at = below(text.size() + 1);
    const std::size_t length = std::min(text.size() - at, below(40));
    switch (below(6)) {
      case 0:
        text.insert(at, kPieces[below(std::size(kPieces))]);
        break;
      case 1:
        text.erase(at, length);
        break;
      case 2:
        text.insert(at, text.substr(at, length));
        break;
      case 3:
        text.replace(at, length, kPieces[below(std::size(kPieces))]);
        break;
      case 4: {
        const std::string& other = documents_[below(documents_.size())];
        text.replace(at, length, other.substr(below(other.size()), below(200)));
        break;
      }
      default:
        if (at < text.size()) text[at] = static_cast<char>(below(256));
    }
  }

  std::vector<std::string> documents_;
  std::mt19937_64 random_{20261124};
};

// What must hold of every refusal.
void expect_whole(const std::vector<Problem>& problems, const std::string& text) {
  const int lines = 1 + static_cast<int>(std::ranges::count(text, '\n'));
  ASSERT_FALSE(problems.empty());
  EXPECT_LE(problems.size(), 100u);
  EXPECT_TRUE(std::ranges::is_sorted(problems, {}, &Problem::line));
  for (const Problem& problem : problems) {
    EXPECT_FALSE(problem.message.empty());
    EXPECT_TRUE(problem.pointer.empty() || problem.pointer.starts_with('/')) << problem.pointer;
    EXPECT_GE(problem.line, 0);
    EXPECT_LE(problem.line, lines) << problem.message;
  }
}

// What must hold of every definition: it is consistent in itself, and its JSON form is the same
// definition.
void expect_whole(const Definition& definition) {
  for (std::size_t i = 0; i < definition.by_id.size(); ++i) {
    const Task* task = definition.by_id[i];
    EXPECT_EQ(task->id, i);
    EXPECT_EQ(find_task(definition, task->pointer), task);
    EXPECT_EQ(find_pointer(definition.source, task->pointer), task->source);
  }
  const auto again = parse_definition(auterity::to_text(definition.source));
  ASSERT_TRUE(again) << again.error()[0].message;
  EXPECT_EQ((*again)->by_id.size(), definition.by_id.size());
  EXPECT_EQ((*again)->expressions->fingerprint(), definition.expressions->fingerprint());
}

TEST(ParserMutation, AnswersEveryBrokenDocument) {
  Mutator mutator(samples());
  int accepted = 0;
  for (int i = 0; i < kMutations && !HasFailure(); ++i) {
    const std::string text = mutator.next();
    SCOPED_TRACE(text);
    const auto definition = parse_definition(text);
    if (definition) {
      ++accepted;
      expect_whole(**definition);
    } else {
      expect_whole(definition.error(), text);
    }
  }
  // Neither side starves: mutations of comments and texts leave a document valid.
  EXPECT_GT(accepted, kMutations / 20);
  EXPECT_LT(accepted, kMutations * 19 / 20);
}

TEST(ParserMutation, SamplesThemselvesAreValid) {
  for (const std::string& text : samples()) {
    const auto definition = parse_definition(text);
    EXPECT_TRUE(definition) << definition.error()[0].message << "\n" << text;
  }
}

}  // namespace
}  // namespace auterity::engine
