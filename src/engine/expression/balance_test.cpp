#include "engine/expression/balance.h"

#include <gtest/gtest.h>

#include "engine/expression/scanner.h"

namespace auterity::engine {
namespace {

using Names = std::vector<std::string>;

TEST(Balance, AcceptsWhatClosesItself) {
  for (std::string_view text : {".",
                                ".a.b",
                                "(1)",
                                "[1, 2, {a: (3)}]",
                                R"("text")",
                                R"("a \(1 + 2) b")",
                                R"j("\("\(1)")")j",
                                R"j("a ) ] } # not a comment")j",
                                "1 # ) a comment\n + 1",
                                "1 # the last word",
                                R"("\\")",
                                R"("\"")",
                                R"("\u(1")",
                                R"j(@base64 "x\(.a)")j",
                                "..",
                                ".. | select(. == \"(\")",
                                "{\"a)\": 1}",
                                "if . then 1 else 2 end",
                                "reduce .[] as [$a, $b] (0; . + $a)",
                                R"("ü(")",
                                "# first\n.a"}) {
    EXPECT_TRUE(inspect_expression(text)) << text;
  }
}

TEST(Balance, RefusesWhatWouldEscapeItsWrapper) {
  for (std::string_view text : {"1) | env | (1",
                                "(1",
                                "1)",
                                "[1",
                                "1]",
                                "{a: 1",
                                "1}",
                                "(]",
                                "[)",
                                "{)",
                                R"("text)",
                                R"("\(1)",
                                R"("\(1")",
                                R"j("\("a)")j",
                                "\"\\",
                                R"j("\(1))j",
                                R"(1 # comment \)",
                                "1 # comment \\\n| 2",
                                "1 # comment \\\r\n| 2",
                                "",
                                "  \n ",
                                "# nothing but a comment",
                                R"("\u)",
                                ".a }-${ .b"}) {
    auto facts = inspect_expression(text);
    ASSERT_FALSE(facts) << text;
    EXPECT_EQ(facts.error().kind, ErrorKind::invalid_input) << text;
    EXPECT_FALSE(facts.error().hint.empty()) << text;
  }
}

TEST(Balance, RefusesNulBecauseLibjqWouldStopReadingThere) {
  using namespace std::string_view_literals;
  EXPECT_FALSE(inspect_expression("1 \0 )"sv));
  EXPECT_FALSE(inspect_expression("\"a\0b\""sv));
}

TEST(Balance, NamesThePlaceAndTheReason) {
  EXPECT_EQ(inspect_expression("(1").error().message,
            "the expression is not closed properly at its character 3: \"(\" is not closed");
  EXPECT_EQ(inspect_expression("1) | env").error().message,
            "the expression is not closed properly at its character 2: \")\" closes nothing");
}

TEST(Balance, BoundsDepthAndLength) {
  auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  EXPECT_TRUE(inspect_expression(nested(Scanner::max_depth)));
  EXPECT_FALSE(inspect_expression(nested(Scanner::max_depth + 1)));
  EXPECT_FALSE(inspect_expression(nested(1'000'000)));
  EXPECT_TRUE(inspect_expression(std::string(max_expression_bytes, '1')));
  EXPECT_FALSE(inspect_expression(std::string(max_expression_bytes + 1, '1')));
}

TEST(Balance, FindsVariablesAndWhatBindsThem) {
  struct Case {
    std::string_view text;
    Names variables, rebound;
    bool now = false;
  };
  for (const Case& c : std::vector<Case>{
           {".a", {}, {}},
           {"$context.a + $input", {"context", "input"}, {}},
           {R"("\($item) $text")", {"item"}, {}},
           {"\"$quoted\" # $comment", {}, {}},
           {"$ # split\n context", {"context"}, {}},
           {". as $x | $x + $y", {"x", "y"}, {"x"}},
           {". as [$a, {b: $c, $d}] | $a", {"a", "c", "d"}, {"a", "c", "d"}},
           {". as {(\"k\"|.): $v} | $v", {"v"}, {"v"}},
           {". as [$a] ?// $a | $b", {"a", "b"}, {"a"}},
           {"reduce .[] as $n (0; . + $n + $m)", {"m", "n"}, {"n"}},
           {"def f($p; g): $p; f(1; $q)", {"p", "q"}, {"p"}},
           {"label $out | break $out", {}, {}},
           {"$__loc__ | $ENV", {}, {}},
           {"{as: $x}", {"x"}, {}},
           {".as | $x", {"x"}, {}},
           {"now | . + 1", {}, {}, true},
           {".now", {}, {}, false},
           {"\"now\"", {}, {}, false},
       }) {
    auto facts = inspect_expression(c.text);
    ASSERT_TRUE(facts) << c.text;
    EXPECT_EQ(facts->variables, c.variables) << c.text;
    EXPECT_EQ(facts->rebound, c.rebound) << c.text;
    EXPECT_EQ(facts->mentions_now, c.now) << c.text;
  }
}

}  // namespace
}  // namespace auterity::engine
