#include "data/objects/object_key.h"

#include <gtest/gtest.h>

namespace auterity::data {
namespace {

TEST(ObjectKey, RelativePathsAreKeys) {
  for (const char* key : {"a", "a/b/c", "database/auterity-db-production-2026.dump.zst", ".hidden",
                          "..a", "a../b", "-"})
    EXPECT_TRUE(check_object_key(key)) << key;
  EXPECT_TRUE(check_object_key(std::string(255, 'a') + "/" + std::string(255, 'b')));
}

TEST(ObjectKey, EverythingElseIsInvalidInput) {
  const std::string zero("a\0b", 3);
  for (const std::string& key :
       {std::string(""), std::string("/a"), std::string("a/"), std::string("a//b"),
        std::string("."), std::string("a/./b"), std::string("a/../b"), std::string(".."),
        std::string("a b"), std::string("@uploads/x"), std::string("é"), zero,
        std::string(256, 'a'), std::string("a/") + std::string(511, 'a')}) {
    const auto checked = check_object_key(key);
    ASSERT_FALSE(checked) << key;
    EXPECT_EQ(checked.error().kind, ErrorKind::invalid_input);
  }
}

TEST(ObjectKey, APrefixMayEndAnywhere) {
  for (const char* prefix : {"", "a", "a/", "a/b", "a/."})
    EXPECT_TRUE(check_object_prefix(prefix)) << prefix;
  for (const char* prefix : {"/", "a//", "a/../b", "@"})
    EXPECT_FALSE(check_object_prefix(prefix)) << prefix;
}

}  // namespace
}  // namespace auterity::data
