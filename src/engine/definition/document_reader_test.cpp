// YAML and JSON readers through parse_document: what both read, what each refuses, and limits.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "engine/definition/parser.h"

namespace auterity::engine {
namespace {

// The value as text, or the problems, one a line.
std::string read(std::string_view text, ParserLimits limits = {}) {
  const auto value = parse_document(text, limits);
  if (value) return auterity::to_text(*value);
  std::string lines;
  for (const Problem& problem : value.error())
    lines += fmt::format("{}{} {}: {}", lines.empty() ? "" : "\n", problem.line, problem.pointer,
                         problem.message);
  return lines;
}

TEST(DocumentReader, ReadsYaml) {
  EXPECT_EQ(read("a: 1\nb: [x, 'y', \"z\\n\"]\nc:\n  d: |\n    t\n    u\n"),
            R"({"a":1,"b":["x","y","z\n"],"c":{"d":"t\nu\n"}})");
  EXPECT_EQ(read("on: yes\nquoted: '1'\nempty:\n"), R"({"on":"yes","quoted":"1","empty":null})");
  EXPECT_EQ(read("1"), "1");
  EXPECT_EQ(read("--- text"), "\"text\"");
  EXPECT_EQ(read("\xEF\xBB\xBF"
                 "a: b"),
            R"({"a":"b"})");
  EXPECT_EQ(read("z: 1\na: 2\nm: 3"), R"({"z":1,"a":2,"m":3})") << "members keep their order";
}

TEST(DocumentReader, ReadsJson) {
  EXPECT_EQ(read(" {\"a\": [1, -2.5, 1e3, true, false, null, \"\\u00e9\\ud83d\\ude00\"]}\n\n"),
            "{\"a\":[1,-2.5,1000,true,false,null,\"é😀\"]}");
  EXPECT_EQ(read("[\n18446744073709551615,\n-9223372036854775808]"),
            "[18446744073709551615,-9223372036854775808]");
}

TEST(DocumentReader, ExpandsAliases) {
  EXPECT_EQ(read("a: &x {k: [1]}\nb: *x\nc: &y text\nd: [*y, *x]"),
            R"({"a":{"k":[1]},"b":{"k":[1]},"c":"text","d":["text",{"k":[1]}]})");
  EXPECT_EQ(read("- &a 1\n- &a 2\n- *a"), "[1,2,2]") << "the latest anchor of a name counts";
}

TEST(DocumentReader, KnowsTheCoreTags) {
  EXPECT_EQ(read("[!!str 1, !!int '1', !!float 1, !!bool true, !!null ~]").substr(0, 2), "1 ")
      << "a document that begins with [ is JSON";
  EXPECT_EQ(read("- !!str 1\n- !!int 1\n- !!float 1.5\n- !!bool true\n- !!null ~\n- !!seq []\n- "
                 "!!map {}\n- ! 1"),
            R"(["1",1,1.5,true,null,[],{},"1"])");
  EXPECT_EQ(read("a: !!int x"), "1 /a: 'x' is no int; remove the tag");
  EXPECT_EQ(read("a: !thing x"), "1 /a: the tag '!thing' is not known here; remove it");
  EXPECT_EQ(read("a: !!set {x}"),
            "1 /a: the tag 'tag:yaml.org,2002:set' is not known here; remove it");
}

TEST(DocumentReader, RefusesDuplicateKeysEachWithItsLine) {
  EXPECT_EQ(read("a: 1\nb:\n  c: 1\n  c: {d: 1, d: 2}\na: 3"),
            "4 /b/c: the key 'c' is there twice (first on line 3); keep one of them\n"
            "4 /b/c/d: the key 'd' is there twice (first on line 4); keep one of them\n"
            "5 /a: the key 'a' is there twice (first on line 1); keep one of them");
  EXPECT_EQ(read("{\"a\": 1,\n\"a\": 2}"),
            "2 /a: the key 'a' is there twice (first on line 1); keep one of them");
  EXPECT_EQ(read("{\"a\": 1,\n\"\\u0061\": 2}"),
            "2 /a: the key 'a' is there twice (first on line 1); keep one of them");
}

TEST(DocumentReader, RefusesWhatIsNoTextKey) {
  EXPECT_EQ(read("x:\n  1: a"), "2 /x: keys are text; put 1 in quotes");
  EXPECT_EQ(read("true: a"), "1 : keys are text; put true in quotes");
  EXPECT_EQ(read("? [a]\n: b"), "1 : a key must be text, not a list or a map");
  EXPECT_EQ(read("? {a: b}\n: b"), "1 : a key must be text, not a list or a map");
  EXPECT_EQ(read(": b"), "1 : a key is missing here; write one, or quote 'null'");
  EXPECT_EQ(read("a: &k x\n*k : b"), "2 : an alias cannot be a key; write the key out");
}

TEST(DocumentReader, RefusesMergeKeysButNotTheirText) {
  EXPECT_EQ(read("a: &a {x: 1}\nb:\n  <<: *a"),
            "3 /b: merge keys ('<<') are not part of YAML 1.2; write the members out, or use an "
            "alias for a whole value");
  EXPECT_EQ(read("'<<': 1"), R"({"<<":1})");
}

TEST(DocumentReader, RefusesCyclesAndBombs) {
  EXPECT_TRUE(read("a: &a [*a]").starts_with("1 /a/0: this alias stands inside"));
  EXPECT_TRUE(read("a: &a\n  b: {c: *a}").starts_with("2 /a/b/c: this alias stands inside"));
  std::string bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n";
  for (int i = 1; i < 10; ++i)
    bomb += fmt::format("a{0}: &a{0} [*a{1},*a{1},*a{1},*a{1},*a{1},*a{1},*a{1},*a{1},*a{1}]\n", i,
                        i - 1);
  EXPECT_NE(read(bomb).find("more than 100000 values"), std::string::npos);
  std::string long_text = "a: &a " + std::string(500'000, 'x') + "\nb:\n";
  for (int i = 0; i < 1000; ++i) long_text += "- *a\n";
  EXPECT_NE(read(long_text).find("bytes of text once aliases are expanded"), std::string::npos);
  std::string tower = "a0: &a0 [1]\n";
  for (int i = 1; i < 2000; ++i) tower += fmt::format("a{0}: &a{0} [*a{1}]\n", i, i - 1);
  EXPECT_NE(read(tower).find("nested deeper than 64 levels"), std::string::npos);
}

TEST(DocumentReader, RefusesSeveralDocumentsAndNone) {
  EXPECT_EQ(read("a: 1\n---\nb: 2"),
            "2 : the document has ended before this; remove what follows (or '---'), or mend the "
            "indentation");
  EXPECT_EQ(read(""), "1 : the document is empty; write a workflow definition");
  EXPECT_EQ(read("# a comment\n"), "1 : the document is empty; write a workflow definition");
  EXPECT_EQ(read("{} {}"), "1 : not valid JSON: more text after the end, at column 4; remove it");
  EXPECT_EQ(read("[1]\n\n]"),
            "3 : not valid JSON: more text after the end, at column 1; remove it");
}

TEST(DocumentReader, SaysWhereYamlIsMalformed) {
  EXPECT_TRUE(read("a: b\nc: d: e").starts_with("2 : not valid YAML: illegal map value; quote"));
  EXPECT_TRUE(read("a: [1, 2").starts_with("1 /a"));
  EXPECT_TRUE(read("a: 'x").starts_with("1 /a: not valid YAML"));
  EXPECT_TRUE(read("a: *nope").starts_with("1 /a: not valid YAML: the referenced anchor"));
  EXPECT_TRUE(read("a: @x").starts_with("1 /a: not valid YAML"));
  EXPECT_TRUE(read("a:\n\t- b").find("not valid YAML") != std::string::npos);
}

TEST(DocumentReader, SaysWhereJsonIsMalformed) {
  EXPECT_TRUE(read("{\"a\": 1,\n\"b\": tru}").starts_with("2 /b: not valid JSON at column 6"));
  EXPECT_TRUE(read("{\"a\": 1,}").starts_with("1 : not valid JSON at column 9"));
  EXPECT_TRUE(read("{'a': 1}").starts_with("1 : not valid JSON at column 2"));
  EXPECT_TRUE(read("{\"a\": [1,\n2").starts_with("2 /a/2: not valid JSON: the document ends too"));
  EXPECT_TRUE(read("[\"a\nb\"]").starts_with("1 /0: not valid JSON"));
  EXPECT_TRUE(read("[01]").find("not valid JSON") != std::string::npos);
  EXPECT_TRUE(read("[NaN]").find("not valid JSON") != std::string::npos);
  EXPECT_TRUE(read("[\"\\ud800\"]").find("not valid JSON") != std::string::npos);
  EXPECT_TRUE(read("[1] // x").find("not valid JSON") != std::string::npos);
}

TEST(DocumentReader, RefusesNumbersOutOfRange) {
  EXPECT_NE(read("a: 1e999").find("does not fit"), std::string::npos);
  EXPECT_NE(read("{\"a\": 1e999}").find("does not fit"), std::string::npos);
  EXPECT_NE(read("{\"a\": 18446744073709551616}").find("does not fit"), std::string::npos);
}

TEST(DocumentReader, RefusesBytesThatAreNoText) {
  EXPECT_EQ(read("a: 1\nb: \xFF"), "2 : byte 8 is not UTF-8; save the document in that encoding");
  EXPECT_TRUE(read(std::string("a: 1\n\0b", 7)).starts_with("2 : byte 5 is a control character"));
}

TEST(DocumentReader, KeepsItsLimits) {
  const ParserLimits limits{.max_bytes = 100, .max_depth = 3, .max_nodes = 5};
  EXPECT_EQ(read("[[[1]]]", limits), "[[[1]]]");
  EXPECT_EQ(read("[[[[1]]]]", limits),
            "1 /0/0/0: nested deeper than 3 levels; flatten the document");
  EXPECT_EQ(read("a:\n  b:\n    c:\n      d: 1", limits),
            "4 /a/b/c: nested deeper than 3 levels; flatten the document");
  EXPECT_EQ(read("[1,2,3,4]", limits), "[1,2,3,4]");
  EXPECT_NE(read("[1,2,3,4,5]", limits).find("more than 5 values"), std::string::npos);
  EXPECT_NE(read(std::string(101, ' '), limits).find("101 bytes"), std::string::npos);
}

TEST(DocumentReader, SurvivesDeepAndLongInput) {
  for (const std::string_view unit : {"[", "{\"a\":", "- ", "? ", "a: ", "[[", "!a ", "&a ", "{",
                                      "x: [", "%a\n", ": ", "*a ", "---\n"}) {
    std::string text;
    while (text.size() < 200'000) text += unit;
    EXPECT_FALSE(parse_document(text)) << unit;
    EXPECT_FALSE(parse_document("x: " + text)) << unit;
  }
}

}  // namespace
}  // namespace auterity::engine
