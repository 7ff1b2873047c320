#include "engine/store/binary_array.h"

#include <gtest/gtest.h>

namespace auterity::engine {
namespace {

std::string hex(std::string_view bytes) {
  std::string text;
  for (const char byte : bytes) {
    text += "0123456789abcdef"[static_cast<unsigned char>(byte) >> 4];
    text += "0123456789abcdef"[static_cast<unsigned char>(byte) & 15];
  }
  return text;
}

// As PostgreSQL sends the same values: SELECT encode(array_send(…), 'hex').

TEST(BinaryArray, NoElements) {
  EXPECT_EQ(hex(BinaryArray(ElementType::text).take()), "000000000000000000000019");
}

TEST(BinaryArray, TextsAsTheyAre) {
  BinaryArray column(ElementType::text);
  column.add(R"({"a":1})");
  column.add("");
  column.add(std::optional<std::string>());
  EXPECT_EQ(hex(column.take()),
            "0000000100000001000000190000000300000001"
            "000000077b2261223a317d"
            "00000000"
            "ffffffff");
  EXPECT_EQ(hex(column.take()), "000000000000000000000019") << "empty afterwards";
}

TEST(BinaryArray, Numbers) {
  BinaryArray column(ElementType::bigint);
  column.add(std::int64_t{-2});
  column.add(std::int64_t{258});
  EXPECT_EQ(hex(column.take()),
            "0000000100000000000000140000000200000001"
            "00000008fffffffffffffffe"
            "000000080000000000000102");
}

TEST(BinaryArray, TimesFromTheYear2000) {
  BinaryArray column(ElementType::timestamptz);
  column.add(*parse_rfc3339("2000-01-01T00:00:00.000001Z"));
  column.add(std::optional<Time>(*parse_rfc3339("1999-12-31T23:59:59Z")));
  column.add(std::optional<Time>());
  EXPECT_EQ(hex(column.take()),
            "0000000100000001000004a00000000300000001"
            "000000080000000000000001"
            "00000008fffffffffff0bdc0"
            "ffffffff");
}

TEST(BinaryArray, Ids) {
  BinaryArray column(ElementType::uuid);
  column.add(*parse_uuid("01a20cdf-8224-7154-bb35-377ba51e4472"));
  EXPECT_EQ(hex(column.take()),
            "000000010000000000000b860000000100000001"
            "0000001001a20cdf82247154bb35377ba51e4472");
}

}  // namespace
}  // namespace auterity::engine
