#include "engine/expression/native.h"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

namespace auterity::engine {
namespace {

Json json(std::string_view text) { return boost::json::parse(text); }

const Json& data() {
  static const Json value = json(
      R"({"a": {"b": [10, 20, {"c": "deep"}]}, "x y": 1, "n": null, "text": "t", "and": 2, "big": 9007199254740993})");
  return value;
}

Arguments arguments() {
  Arguments result;
  result.context = json(R"({"x": [1, 2]})");
  result.locals["item"] = json(R"({"name": "one"})");
  return result;
}

Result<Json> evaluate(std::string_view text) {
  Expression expression = parse_native(text);
  EXPECT_TRUE(expression.native) << text;
  return evaluate_native(expression, data(), arguments());
}

TEST(Native, FollowsPaths) {
  EXPECT_EQ(evaluate("."), data());
  EXPECT_EQ(evaluate(".a.b[0]"), Json(10));
  EXPECT_EQ(evaluate(".a[\"b\"][-1].c"), Json("deep"));
  EXPECT_EQ(evaluate(".[\"x y\"]"), Json(1));
  EXPECT_EQ(evaluate(".\"x y\""), Json(1));
  EXPECT_EQ(evaluate(".a.\"b\"[1]"), Json(20));
  EXPECT_EQ(evaluate(".and"), Json(2));
  EXPECT_EQ(evaluate(".big"), Json(9007199254740993)) << "a path keeps every digit";
  EXPECT_EQ(evaluate("$context.x[1]"), Json(2));
  EXPECT_EQ(evaluate("$context"), json(R"({"x": [1, 2]})"));
  EXPECT_EQ(evaluate("$item.name"), Json("one"));
  EXPECT_EQ(evaluate("$item[\"name\"]"), Json("one"));
}

TEST(Native, MissingIsNull) {
  for (auto text : {".zzz", ".zzz.y.x", ".n.a", ".n[0]", ".a.b[3]", ".a.b[-4]", "$context.y"}) {
    EXPECT_EQ(evaluate(text), Json(nullptr)) << text;
  }
}

TEST(Native, AStepThroughAnotherTypeIsAnErrorInJqsWords) {
  EXPECT_EQ(evaluate(".text.a").error().message,
            "expression ${ .text.a } failed: Cannot index string with string \"a\"");
  EXPECT_EQ(evaluate(".text[0]").error().message,
            "expression ${ .text[0] } failed: Cannot index string with number");
  EXPECT_EQ(evaluate(".a.b.c").error().message,
            "expression ${ .a.b.c } failed: Cannot index array with string \"c\"");
  EXPECT_EQ(evaluate(".a[0]").error().message,
            "expression ${ .a[0] } failed: Cannot index object with number");
  EXPECT_EQ(evaluate(".a.b[0].x").error().kind, ErrorKind::failed);
}

TEST(Native, AnArgumentThatIsNotBoundIsAnError) {
  auto result = evaluate("$output.a");
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().message,
            "expression ${ $output.a } failed: $output is not available here");
  EXPECT_FALSE(evaluate("$nothing"));
}

TEST(Native, LiteralsAreThemselves) {
  EXPECT_EQ(evaluate("1"), Json(1));
  EXPECT_EQ(evaluate("-2.5"), Json(-2.5));
  EXPECT_EQ(evaluate("1e3"), Json(1000));
  EXPECT_EQ(evaluate("\"a\\nb\""), Json("a\nb"));
  EXPECT_EQ(evaluate("true"), Json(true));
  EXPECT_EQ(evaluate("null"), Json(nullptr));
  EXPECT_EQ(evaluate("[1, {\"a\": [2.0]}]"), json("[1, {\"a\": [2]}]"));
}

TEST(Native, LeavesTheRestToJq) {
  for (auto text :
       {".a | .b", ".a?",       "..",          ".[]",          ".a[1:2]",    ".a.[0]",
        ". a",     "$ENV.PATH", "$__loc__",    "$__prog_args", "\"\\(.a)\"", ".a + 1",
        "{a: 1}",  "env",       "now",         "'a'",          ".a[1.5]",    ".a[99999999999]",
        "$",       "$1",        "-.a",         "\"unclosed",   ".\"a",       ".[\"a\"",
        ".a[",     "[.a]",      ".a.\"\\(1)\""}) {
    EXPECT_FALSE(parse_native(text).native) << text;
  }
}

TEST(Native, EvaluatesStructuresInPlace) {
  ExpressionSet set;
  auto value = compile_template(json(R"({"k": "${ .a.b[0] }", "l": ["${ $item.name }", 3]})"),
                                ExpressionMode::strict, false, set);
  ASSERT_TRUE(value);
  auto result = evaluate_natively(set, *value, data(), arguments());
  ASSERT_TRUE(result && *result);
  EXPECT_EQ(**result, json(R"({"k": 10, "l": ["one", 3]})"));
}

TEST(Native, AnswersNothingWhenOneExpressionNeedsJq) {
  ExpressionSet set;
  auto value = compile_template(json(R"(["${ .a }", "${ .a | keys }"])"), ExpressionMode::strict,
                                false, set);
  ASSERT_TRUE(value);
  EXPECT_FALSE(evaluate_natively(set, *value, data(), arguments()));
}

TEST(Native, LooseModeKeepsTheTextOfAPathThatFails) {
  ExpressionSet set;
  auto value = compile_template(json(R"([".a.b[1]", ".text.deeper", "$missing"])"),
                                ExpressionMode::loose, false, set);
  ASSERT_TRUE(value);
  auto result = evaluate_natively(set, *value, data(), arguments());
  ASSERT_TRUE(result && *result);
  EXPECT_EQ(**result, json(R"([20, ".text.deeper", "$missing"])"));
}

TEST(Native, TruthIsJqs) {
  EXPECT_FALSE(is_truthy(nullptr));
  EXPECT_FALSE(is_truthy(false));
  for (const Json& value : {Json(0), Json(""), Json(JsonArray{}), Json(JsonObject{}), Json(true)}) {
    EXPECT_TRUE(is_truthy(value));
  }
}

TEST(Native, CutsALongExpressionInMessagesBetweenCharacters) {
  Expression expression = parse_native("\"" + std::string(118, 'x') + "üü\\(1)\"");
  std::string message = expression_error(expression, "why").message;
  EXPECT_NE(message.find("x… } failed: why"), std::string::npos) << message;
}

}  // namespace
}  // namespace auterity::engine
