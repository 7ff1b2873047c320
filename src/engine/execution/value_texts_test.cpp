#include "engine/execution/value_texts.h"

#include <gtest/gtest.h>

namespace auterity::engine {
namespace {

TEST(ValueTexts, AValueIsWrittenOnce) {
  ValueTexts texts;
  const Value value = make_value(Json{{"a", 1}});
  texts.begin_round();
  const auto* first = texts.find(value);
  ASSERT_NE(first, nullptr);
  EXPECT_EQ(first->text, R"({"a":1})");
  texts.begin_round();
  EXPECT_EQ(texts.find(value), first);
}

TEST(ValueTexts, WhatACheckpointDidNotAskForIsForgotten) {
  ValueTexts texts;
  const Value value = make_value(Json("text"));
  const std::weak_ptr<const Json> watched = value;
  texts.begin_round();
  texts.find(value);
  texts.begin_round();
  EXPECT_EQ(value.use_count(), 2) << "asked for in the round that has just ended";
  texts.begin_round();
  EXPECT_EQ(value.use_count(), 1);
}

TEST(ValueTexts, LargeValuesAreNotKept) {
  ValueTexts texts;
  texts.begin_round();
  EXPECT_EQ(texts.find(make_value(Json(std::string(10'000, 'x')))), nullptr);
}

TEST(ValueTexts, TogetherTheyStayBounded) {
  ValueTexts texts;
  texts.begin_round();
  std::size_t kept = 0;
  for (int i = 0; i < 1000; ++i)
    if (texts.find(make_value(Json(std::string(1000, 'x'))))) ++kept;
  EXPECT_GT(kept, 50u);
  EXPECT_LT(kept, 200u);
}

}  // namespace
}  // namespace auterity::engine
