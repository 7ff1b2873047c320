#include "engine/definition/text_encoding.h"

#include <gtest/gtest.h>

namespace auterity::engine {
namespace {

TEST(TextEncoding, AcceptsWellFormedUtf8) {
  EXPECT_FALSE(find_invalid_utf8("plain, ü, €, 😀, \xF4\x8F\xBF\xBF"));
  EXPECT_FALSE(find_invalid_utf8(""));
}

TEST(TextEncoding, FindsTheFirstBadByte) {
  const std::pair<std::string, std::size_t> cases[] = {
      {"a\x80", 1},             // a continuation alone
      {"ab\xC3", 2},            // cut off
      {"\xC0\xAF", 0},          // overlong
      {"\xE0\x80\xAF", 0},      // overlong
      {"x\xED\xA0\x80", 1},     // a surrogate
      {"\xF4\x90\x80\x80", 0},  // above U+10FFFF
      {"\xFF\xFE", 0},          // a mark of UTF-16
      {"\xE2\x82z", 0},
  };
  for (const auto& [text, offset] : cases) EXPECT_EQ(find_invalid_utf8(text), offset);
}

TEST(TextEncoding, FindsControlCharacters) {
  EXPECT_FALSE(find_control_character("tab\t line\n carriage\r"));
  EXPECT_EQ(find_control_character(std::string_view("a\0b", 3)), 1u);
  // yaml-cpp takes this one for the end of its input.
  EXPECT_EQ(find_control_character("ab\x04"), 2u);
  EXPECT_EQ(find_control_character("\x7F"), 0u);
}

TEST(TextEncoding, CountsLinesFromOne) {
  EXPECT_EQ(line_of("a\nb\nc", 0), 1);
  EXPECT_EQ(line_of("a\nb\nc", 4), 3);
}

}  // namespace
}  // namespace auterity::engine
