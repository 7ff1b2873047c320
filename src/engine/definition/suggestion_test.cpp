#include "engine/definition/suggestion.h"

#include <gtest/gtest.h>

#include <vector>

namespace auterity::engine {
namespace {

constexpr std::string_view kWords[] = {"switch", "set", "emit", "exceptWhen", "do"};

TEST(Suggestion, FindsTheNearestWord) {
  EXPECT_EQ(find_nearest("swtich", kWords), "switch");
  EXPECT_EQ(find_nearest("Set", kWords), "set");
  EXPECT_EQ(find_nearest("emmit", kWords), "emit");
  EXPECT_EQ(find_nearest("exceptwhen", kWords), "exceptWhen");
}

TEST(Suggestion, IsSilentWhenNothingIsNear) {
  EXPECT_EQ(find_nearest("listen", kWords), std::nullopt);
  EXPECT_EQ(find_nearest("", kWords), std::nullopt);
  EXPECT_EQ(find_nearest(std::string(100'000, 'x'), kWords), std::nullopt);
  EXPECT_EQ(find_nearest("a", std::vector<std::string_view>{""}), std::nullopt);
}

TEST(Suggestion, ListsWhatIsKnownOtherwise) {
  EXPECT_EQ(suggestion("swtich", kWords), "; did you mean 'switch'?");
  EXPECT_EQ(suggestion("nothing", kWords), "; allowed here: switch, set, emit, exceptWhen, do");
  EXPECT_EQ(suggestion("nothing", {}), "");
  const std::vector<std::string_view> many(20, "word");
  EXPECT_TRUE(suggestion("nothing", many, "known are").ends_with(", …"));
}

}  // namespace
}  // namespace auterity::engine
