#include "data/redis/resp.h"

#include <gtest/gtest.h>

namespace auterity::data {
namespace {

using Kind = RedisReply::Kind;

// The one reply in `bytes`.
Result<RedisReply> only_reply(std::string_view bytes) {
  ReplyReader reader;
  reader.feed(bytes);
  return reader.next().value().value();
}

TEST(Resp, CommandsAreArraysOfBulkStrings) {
  EXPECT_EQ(encode_command({"SET", "k", ""}), "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$0\r\n\r\n");
  EXPECT_EQ(encode_command({"a\r\nb"}), "*1\r\n$4\r\na\r\nb\r\n");
}

TEST(Resp, EveryTypeOfReply) {
  EXPECT_EQ(only_reply("+OK\r\n")->text, "OK");
  using std::string_view_literals::operator""sv;
  EXPECT_EQ(only_reply("$5\r\na\r\n\0b\r\n"sv)->text, "a\r\n\0b"sv);
  EXPECT_EQ(only_reply(":-42\r\n")->integer, -42);
  EXPECT_EQ(only_reply("$-1\r\n")->kind, Kind::nil);
  EXPECT_EQ(only_reply("*-1\r\n")->kind, Kind::nil);
  const auto array = only_reply("*3\r\n:1\r\n$-1\r\n*1\r\n+x\r\n");
  ASSERT_EQ(array->elements.size(), 3u);
  EXPECT_EQ(array->elements[0].integer, 1);
  EXPECT_EQ(array->elements[1].kind, Kind::nil);
  EXPECT_EQ(array->elements[2].elements.at(0).text, "x");
}

TEST(Resp, RepliesMayComeByteByByte) {
  ReplyReader reader;
  const std::string_view bytes = "*2\r\n$3\r\nabc\r\n:7\r\n+next\r\n";
  std::vector<RedisReply> replies;
  for (char byte : bytes) {
    reader.feed({&byte, 1});
    if (auto reply = reader.next().value()) replies.push_back(reply->value());
  }
  ASSERT_EQ(replies.size(), 2u);
  EXPECT_EQ(replies[0].elements.at(1).integer, 7);
  EXPECT_EQ(replies[1].text, "next");
}

TEST(Resp, ErrorRepliesAreErrorsByTheirCode) {
  EXPECT_EQ(only_reply("-WRONGPASS invalid\r\n").error().kind, ErrorKind::unavailable);
  EXPECT_EQ(only_reply("-OOM used memory\r\n").error().kind, ErrorKind::storage_full);
  EXPECT_EQ(only_reply("-NOSCRIPT none\r\n").error().kind, ErrorKind::not_found);
  EXPECT_EQ(only_reply("-ERR unknown command\r\n").error().kind, ErrorKind::internal);
  EXPECT_FALSE(only_reply("-ERR x\r\n").error().hint.empty());
}

TEST(Resp, AnErrorInsideAnArrayIsTheReplysError) {
  EXPECT_EQ(only_reply("*2\r\n:1\r\n-OOM full\r\n").error().kind, ErrorKind::storage_full);
}

TEST(Resp, WhatIsNotRedisIsABreachOfTheProtocol) {
  ReplyReader reader;
  reader.feed("HTTP/1.1 400 Bad Request\r\n\r\n");
  const auto reply = reader.next();
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().kind, ErrorKind::unavailable);
}

}  // namespace
}  // namespace auterity::data
