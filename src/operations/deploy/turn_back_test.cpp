#include "operations/deploy/turn_back.h"

#include <gtest/gtest.h>

#include "core/memory_files.h"

namespace auterity::operations {
namespace {

const local::Layout kLayout{"/home", "development", "/run"};

TEST(TurnBack, IsHeardByTheDeployThatIsMeantAlone) {
  MemoryFiles files;
  EXPECT_FALSE(find_turn_back(files, kLayout, "this"));
  ASSERT_TRUE(files.create_directories(kLayout.operations(), 0755));
  ASSERT_TRUE(ask_to_turn_back(files, kLayout, {"ada", "it is slow", "this"}));
  EXPECT_FALSE(find_turn_back(files, kLayout, "the next"));
  const auto wish = find_turn_back(files, kLayout, "this");
  ASSERT_TRUE(wish);
  EXPECT_EQ(to_text(*wish), "ada asked to turn back: it is slow");
  ASSERT_TRUE(forget_turn_back(files, kLayout));
  EXPECT_FALSE(find_turn_back(files, kLayout, "this"));
}

TEST(TurnBack, NeedsNoReason) {
  EXPECT_EQ(to_text(TurnBackWish{"ada", "", "this"}), "ada asked to turn back");
}

}  // namespace
}  // namespace auterity::operations
