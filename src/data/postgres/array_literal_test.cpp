#include <gtest/gtest.h>

#include "data/database.h"

namespace auterity::data {
namespace {

TEST(ArrayLiteral, EmptyArray) { EXPECT_EQ(to_array_literal({}), "{}"); }

TEST(ArrayLiteral, NullDiffersFromTheWordNull) {
  EXPECT_EQ(to_array_literal({std::nullopt, "NULL", "null"}), R"({NULL,"NULL","null"})");
}

TEST(ArrayLiteral, EmptyTextIsKept) { EXPECT_EQ(to_array_literal({"", ""}), R"({"",""})"); }

TEST(ArrayLiteral, SyntaxCharactersAreQuoted) {
  EXPECT_EQ(to_array_literal({"a,b", "{c}", " d "}), R"({"a,b","{c}"," d "})");
}

TEST(ArrayLiteral, QuotesAndBackslashesAreEscaped) {
  EXPECT_EQ(to_array_literal({R"(say "hi" \ now)"}), R"({"say \"hi\" \\ now"})");
}

}  // namespace
}  // namespace auterity::data
