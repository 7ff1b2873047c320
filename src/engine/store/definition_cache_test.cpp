#include "engine/store/definition_cache.h"

#include <gtest/gtest.h>

namespace auterity::engine {
namespace {

Uuid id(std::uint8_t last) {
  Uuid result;
  result.bytes[15] = last;
  return result;
}
DefinitionCache::Entry entry(std::string name) {
  auto definition = std::make_shared<Definition>();
  definition->name = std::move(name);
  return {.definition = std::move(definition)};
}

TEST(DefinitionCache, TheLeastRecentlyUsedGoesFirst) {
  DefinitionCache cache(2, 1000);
  cache.put(id(1), entry("one"), 10);
  cache.put(id(2), entry("two"), 10);
  ASSERT_NE(cache.find(id(1)), nullptr);
  cache.put(id(3), entry("three"), 10);
  EXPECT_EQ(cache.find(id(2)), nullptr);
  ASSERT_NE(cache.find(id(1)), nullptr);
  EXPECT_EQ(cache.find(id(1))->definition->name, "one");
  EXPECT_EQ(cache.size(), 2u);
}

TEST(DefinitionCache, IsBoundedInBytes) {
  DefinitionCache cache(10, 100);
  cache.put(id(1), entry("one"), 60);
  cache.put(id(2), entry("two"), 60);
  EXPECT_EQ(cache.find(id(1)), nullptr);
  EXPECT_NE(cache.find(id(2)), nullptr);
  cache.put(id(3), entry("three"), 101);
  EXPECT_EQ(cache.find(id(3)), nullptr);
  EXPECT_NE(cache.find(id(2)), nullptr);
}

TEST(DefinitionCache, PuttingAgainReplaces) {
  DefinitionCache cache(10, 100);
  cache.put(id(1), entry("one"), 60);
  cache.put(id(1), entry("other"), 70);
  EXPECT_EQ(cache.find(id(1))->definition->name, "other");
  EXPECT_EQ(cache.size(), 1u);
  cache.erase(id(1));
  cache.erase(id(1));
  EXPECT_EQ(cache.size(), 0u);
  cache.put(id(2), entry("two"), 100);
  EXPECT_NE(cache.find(id(2)), nullptr);
}

}  // namespace
}  // namespace auterity::engine
