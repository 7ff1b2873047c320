#include "core/semantic_version.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace auterity {
namespace {

// The order that section 11 of the standard gives as its example, and numbers beyond 64 bits.
constexpr std::string_view kInOrder[] = {
    "0.0.0",      "0.0.1-0",      "0.0.1",         "1.0.0-1",       "1.0.0-2",
    "1.0.0-10",   "1.0.0--",      "1.0.0-alpha",   "1.0.0-alpha.1", "1.0.0-alpha.beta",
    "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc.1",    "1.0.0",
    "1.0.1",      "1.2.0",        "1.10.0",        "2.0.0",         "99999999999999999999999.0.0"};

TEST(SemanticVersion, IsOrderedByPrecedence) {
  for (std::size_t i = 0; i < std::size(kInOrder); ++i)
    for (std::size_t j = 0; j < std::size(kInOrder); ++j) {
      const auto left = parse_semantic_version(kInOrder[i]);
      const auto right = parse_semantic_version(kInOrder[j]);
      ASSERT_TRUE(left && right) << kInOrder[i] << " " << kInOrder[j];
      EXPECT_EQ(*left <=> *right, i <=> j) << kInOrder[i] << " " << kInOrder[j];
    }
}

TEST(SemanticVersion, IgnoresBuildMetadataInTheOrder) {
  EXPECT_EQ(*parse_semantic_version("1.0.0+a"), *parse_semantic_version("1.0.0+b.7"));
  EXPECT_EQ(parse_semantic_version("1.0.0-x+001.sha")->build, "001.sha");
}

TEST(SemanticVersion, RefusesWhatIsNone) {
  for (const std::string_view text :
       {"", "1", "1.0", "1.0.0.0", "01.0.0", "1.0.0-", "1.0.0-01", "1.0.0-a..b", "1.0.0+",
        "1.0.0+a_b", "v1.0.0", " 1.0.0", "1.0.0 ", "1.0.x", "-1.0.0", "1.0.0-ä"})
    EXPECT_FALSE(parse_semantic_version(text)) << text;
}

}  // namespace
}  // namespace auterity
