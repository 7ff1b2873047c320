#include "engine/store/array_text.h"

#include <gtest/gtest.h>

namespace auterity::engine {
namespace {

TEST(ArrayText, NoElements) { EXPECT_EQ(ArrayText().take(), "{}"); }

TEST(ArrayText, TextsAreQuotedAndEscaped) {
  ArrayText column;
  column.add("plain");
  column.add(R"({"a":"b\n"})");
  column.add("");
  column.add("NULL");
  column.add(std::optional<std::string>());
  EXPECT_EQ(column.take(), R"({"plain","{\"a\":\"b\\n\"}","","NULL",NULL})");
  EXPECT_EQ(column.take(), "{}");
}

TEST(ArrayText, NumbersIdsAndTimes) {
  ArrayText column;
  column.add(std::int64_t{-5});
  EXPECT_EQ(column.take(), "{-5}");
  column.add(Uuid{});
  column.add(Uuid{});
  EXPECT_EQ(column.take(),
            "{00000000-0000-0000-0000-000000000000,00000000-0000-0000-0000-000000000000}");
  column.add(std::optional<Time>(from_epoch_microseconds(1'700'000'000'000'001)));
  column.add(std::optional<Time>());
  EXPECT_EQ(column.take(), "{2023-11-14T22:13:20.000001Z,NULL}");
}

}  // namespace
}  // namespace auterity::engine
