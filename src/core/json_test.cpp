#include "core/json.h"

#include <gtest/gtest.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

namespace auterity {
namespace {

TEST(Json, ErrorNamesLineAndColumn) {
  const auto result = parse_json("{\n  \"a\": 1,\n  \"b\": x\n}");
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::invalid_input);
  EXPECT_NE(result.error().message.find("line 3, column 8"), std::string::npos)
      << result.error().message;
}

TEST(Json, RefusesWhatFollowsTheDocument) {
  EXPECT_TRUE(parse_json("{} \n"));
  const auto result = parse_json("{}\n{}");
  ASSERT_FALSE(result);
  EXPECT_NE(result.error().message.find("line 2, column 1"), std::string::npos)
      << result.error().message;
}

TEST(Json, RefusesEmptyAndUnfinishedText) {
  EXPECT_FALSE(parse_json(""));
  EXPECT_FALSE(parse_json("   "));
  EXPECT_FALSE(parse_json("[1, 2"));
}

TEST(Json, KeepsItsLimits) {
  EXPECT_EQ(parse_json(std::string(200, ' '), {.max_bytes = 100}).error().kind,
            ErrorKind::too_large);
  EXPECT_FALSE(parse_json(std::string(100'000, '[')));
  EXPECT_TRUE(parse_json(std::string(100, '[') + std::string(100, ']')));
}

TEST(Json, WholeDoublesPrintAsIntegers) {
  EXPECT_EQ(to_text(Json(1.0)), "1");
  EXPECT_EQ(to_text(Json(-0.5)), "-0.5");
  EXPECT_EQ(to_text(Json(0.1)), "0.1");
  EXPECT_EQ(to_text(Json(1e300)), "1e+300");
  EXPECT_EQ(to_text(Json(18446744073709551615u)), "18446744073709551615");
}

TEST(Json, EscapesControlCharactersAndParsesThemBack) {
  const Json value("a\"\\\n\x01 é");
  EXPECT_EQ(to_text(value), "\"a\\\"\\\\\\n\\u0001 é\"");
  EXPECT_EQ(*parse_json(to_text(value)), value);
}

TEST(Json, CanonicalTextIgnoresKeyOrder) {
  EXPECT_EQ(to_canonical_text(*parse_json(R"({"b":[1,{"z":0,"y":1}],"a":null})")),
            R"({"a":null,"b":[1,{"y":1,"z":0}]})");
}

TEST(Json, PrettyTextIndentsByTwo) {
  EXPECT_EQ(to_pretty_text(*parse_json(R"({"a":[1],"b":{},"c":[]})")),
            "{\n  \"a\": [\n    1\n  ],\n  \"b\": {},\n  \"c\": []\n}");
}

TEST(Json, FollowsPointers) {
  const Json value = *parse_json(R"({"a/b":{"~":[10,20]}})");
  ASSERT_NE(find_pointer(value, "/a~1b/~0/1"), nullptr);
  EXPECT_EQ(*find_pointer(value, "/a~1b/~0/1"), Json(20));
  EXPECT_EQ(find_pointer(value, ""), &value);
  EXPECT_EQ(find_pointer(value, "/a~1b/~0/2"), nullptr);
  EXPECT_EQ(find_pointer(value, "/a~1b/~0/01"), nullptr);
  EXPECT_EQ(find_pointer(value, "missing slash"), nullptr);
  EXPECT_EQ(escape_pointer_token("a/b~"), "a~1b~0");
}

}  // namespace
}  // namespace auterity
