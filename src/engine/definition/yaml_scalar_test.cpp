#include "engine/definition/yaml_scalar.h"

#include <gtest/gtest.h>

namespace auterity::engine {
namespace {

// JSON text of what a plain scalar is, or "refused".
std::string resolved(std::string_view text) {
  const auto value = resolve_plain_scalar(text);
  return value ? to_text(*value) : "refused";
}

TEST(YamlScalar, FollowsTheCoreSchemaOfYaml12) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"", "null"},
      {"~", "null"},
      {"NULL", "null"},
      {"nULL", "\"nULL\""},
      {"true", "true"},
      {"False", "false"},
      {"tRUE", "\"tRUE\""},
      {"yes", "\"yes\""},
      {"no", "\"no\""},
      {"on", "\"on\""},
      {"off", "\"off\""},
      {"y", "\"y\""},
      {"0", "0"},
      {"-0", "0"},
      {"+12", "12"},
      {"012", "12"},
      {"0o17", "15"},
      {"0o18", "\"0o18\""},
      {"0x1F", "31"},
      {"-0x1", "\"-0x1\""},
      {"0b1", "\"0b1\""},
      {"1_000", "\"1_000\""},
      {"1:30", "\"1:30\""},
      {".5", "0.5"},
      {"1.", "1"},
      {"-1.5e3", "-1500"},
      {"+.5", "0.5"},
      {".", "\".\""},
      {"1e", "\"1e\""},
      {"e1", "\"e1\""},
      {"1.2.3", "\"1.2.3\""},
      {"-", "\"-\""},
      {"1e-400", "0"},
      {"2026-01-01", "\"2026-01-01\""},
  };
  for (const auto& [text, expected] : cases) EXPECT_EQ(resolved(text), expected) << text;
}

TEST(YamlScalar, KeepsWholeNumbersOf64BitsExactly) {
  EXPECT_EQ(resolved("9223372036854775807"), "9223372036854775807");
  EXPECT_EQ(resolved("-9223372036854775808"), "-9223372036854775808");
  EXPECT_EQ(resolved("18446744073709551615"), "18446744073709551615");
}

TEST(YamlScalar, RefusesNumbersThatJsonCannotHold) {
  for (const std::string_view text :
       {"18446744073709551616", "-9223372036854775809", "1e309", "-1e999", ".inf", "-.Inf", "+.INF",
        ".nan", ".NaN", "0x10000000000000000"})
    EXPECT_EQ(resolved(text), "refused") << text;
}

}  // namespace
}  // namespace auterity::engine
