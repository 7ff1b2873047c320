#include "operations/backup/uploads_inventory.h"

#include <gtest/gtest.h>

#include "core/digest.h"

namespace auterity::operations::backup {
namespace {

TEST(UploadsInventory, ComesBackAsItWasWritten) {
  const Inventory inventory{{.key = "uploads/a",
                             .version = "1",
                             .sha256 = sha256_hex("a"),
                             .copy = {copy_key("uploads/a", "1", "now"), sha256_hex("b"), 1, 80}}};
  const auto read = parse_inventory(to_text(inventory));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(*read, inventory);
}

TEST(UploadsInventory, WhatIsMissingIsNamed) {
  EXPECT_EQ(parse_inventory("{}").error().message, "inventory.objects is missing");
  EXPECT_EQ(parse_inventory(R"({"objects":[{"key":"a"}]})").error().message,
            "inventory.objects.version is missing");
}

TEST(UploadsInventory, EachVersionOfAnObjectHasACopyOfItsOwn) {
  EXPECT_NE(copy_key("a", "1", "now"), copy_key("a", "2", "now"));
  EXPECT_NE(copy_key("a", "1", "now"), copy_key("b", "1", "now"));
  EXPECT_NE(copy_key("a", "1", "now"), copy_key("a", "1", "then")) << "it may be in use";
  EXPECT_TRUE(copy_key("a", "1", "now").starts_with(kCopies));
}

}  // namespace
}  // namespace auterity::operations::backup
