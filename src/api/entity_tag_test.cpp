#include "api/entity_tag.h"

#include <gtest/gtest.h>

namespace auterity::api {
namespace {

bool unchanged(std::string_view if_none_match) {
  Exchange exchange;
  exchange.request.headers.push_back({"if-none-match", if_none_match});
  const bool answer = answer_unchanged(exchange, "abc");
  EXPECT_EQ(exchange.response.status, answer ? 304 : 200);
  return answer;
}

TEST(EntityTag, IsComparedAsAWhole) {
  for (const char* same : {"\"abc\"", "W/\"abc\"", "*", "\"x\", \"abc\"", "\"x\" ,\tW/\"abc\" "})
    EXPECT_TRUE(unchanged(same)) << same;
  for (const char* other : {"", "abc", "\"ab\"", "\"xabc\"", "\"abcd\"", ",,", "W/", "\"abc"})
    EXPECT_FALSE(unchanged(other)) << other;
}

}  // namespace
}  // namespace auterity::api
