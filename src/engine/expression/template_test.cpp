#include "engine/expression/template.h"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

namespace auterity::engine {
namespace {

Json json(std::string_view text) { return boost::json::parse(text); }

using Leaves = std::vector<std::pair<std::string, std::uint32_t>>;

TEST(Template, StrictModeTakesWholeTextsInMarksOnly) {
  ExpressionSet set;
  auto value = compile_template(
      json(
          R"({"a": "${ .x }", "b": ["plain", " ${.y}\n"], "c": "hello ${ .x }", "d": 1, "e": "$x}", "f/g": "${.z}"})"),
      ExpressionMode::strict, false, set);
  ASSERT_TRUE(value);
  EXPECT_EQ(value->leaves(), (Leaves{{"/a", 0}, {"/b/1", 1}, {"/f~1g", 2}}));
  EXPECT_EQ(set.expressions()[0].text, ".x");
  EXPECT_EQ(set.expressions()[1].text, ".y");
  EXPECT_FALSE(value->is_lenient());
}

TEST(Template, WithoutExpressionsItIsALiteral) {
  ExpressionSet set;
  auto value =
      compile_template(json(R"({"a": [".x", "$x", "{}"]})"), ExpressionMode::strict, false, set);
  ASSERT_TRUE(value);
  EXPECT_TRUE(value->is_literal());
  EXPECT_EQ(value->value(), json(R"({"a": [".x", "$x", "{}"]})"));
  EXPECT_TRUE(set.expressions().empty());
}

TEST(Template, BareFieldsAreJqWithAndWithoutMarks) {
  ExpressionSet set;
  auto bare = compile_template(".a == 1", ExpressionMode::strict, true, set);
  auto marked = compile_template("${ .a == 1 }", ExpressionMode::strict, true, set);
  ASSERT_TRUE(bare && marked);
  EXPECT_EQ(bare->leaves(), (Leaves{{"", 0}}));
  EXPECT_EQ(marked->leaves(), (Leaves{{"", 0}})) << "equal texts share one expression";
}

TEST(Template, ABareStructureHasMarkedLeavesOnly) {
  ExpressionSet set;
  auto value =
      compile_template(json(R"({"a": ".x", "b": "${ .x }"})"), ExpressionMode::strict, true, set);
  ASSERT_TRUE(value);
  EXPECT_EQ(value->leaves(), (Leaves{{"/b", 0}}));
}

TEST(Template, LooseModeTriesEveryTextAndKeepsWhatCannotBeOne) {
  ExpressionSet set;
  auto value = compile_template(json(R"({"a": ".x", "b": "(", "c": "${ .y }", "d": ""})"),
                                ExpressionMode::loose, false, set);
  ASSERT_TRUE(value);
  EXPECT_TRUE(value->is_lenient());
  EXPECT_EQ(value->leaves(), (Leaves{{"/a", 0}, {"/c", 1}}));
  EXPECT_TRUE(set.expressions()[0].lenient);
  auto condition = compile_template(".x", ExpressionMode::loose, true, set);
  ASSERT_TRUE(condition);
  EXPECT_FALSE(condition->is_lenient()) << "a condition that fails is an error, not a true text";
  EXPECT_FALSE(set.expressions()[0].lenient) << "one strict use makes it strict";
}

TEST(Template, RefusesAnExpressionThatIsNotClosedAndSaysWhere) {
  ExpressionSet set;
  Json value = json(R"({"a": "${ .x }", "b": ["${ 1) | env | (1 }", "${ .first }-${ .second }"]})");
  auto compiled = compile_template(value, ExpressionMode::strict, false, set, "/do/0/x/set");
  ASSERT_FALSE(compiled);
  EXPECT_EQ(compiled.error().kind, ErrorKind::invalid_input);
  auto problems = find_template_problems(value, ExpressionMode::strict, false, "/do/0/x/set");
  ASSERT_EQ(problems.size(), 2u);
  EXPECT_EQ(problems[0].pointer, "/do/0/x/set/b/0");
  EXPECT_EQ(problems[1].pointer, "/do/0/x/set/b/1");
  EXPECT_EQ(problems[0].message, compiled.error().message);
}

TEST(Template, ExpressionsRememberWhereTheyStand) {
  ExpressionSet set;
  ASSERT_TRUE(compile_template(json(R"({"a": ["${ .x }"]})"), ExpressionMode::strict, false, set,
                               "/do/1/y/set"));
  EXPECT_EQ(set.expressions()[0].pointer, "/do/1/y/set/a/0");
}

TEST(ExpressionSet, FingerprintDependsOnTextsAndTheirOrderAlone) {
  auto fingerprint = [](std::vector<std::string_view> texts) {
    ExpressionSet set;
    for (auto text : texts) EXPECT_TRUE(set.add(text));
    set.seal();
    return set.fingerprint();
  };
  EXPECT_EQ(fingerprint({".a", ".b"}), fingerprint({".a", ".b", ".a"}));
  EXPECT_NE(fingerprint({".a", ".b"}), fingerprint({".b", ".a"}));
  EXPECT_NE(fingerprint({".a", "1"}), fingerprint({".a1"}));
  EXPECT_EQ(fingerprint({}).size(), 64u);
}

}  // namespace
}  // namespace auterity::engine
