#include "data/redis/redis_address.h"

#include <gtest/gtest.h>

namespace auterity::data {
namespace {

TEST(RedisAddress, HostAloneHasDefaults) {
  const auto address = parse_redis_url("redis://cache.internal").value();
  EXPECT_EQ(address.host, "cache.internal");
  EXPECT_EQ(address.port, 6379);
  EXPECT_EQ(address.database, 0);
  EXPECT_FALSE(address.tls);
}

TEST(RedisAddress, EveryPartIsRead) {
  const auto address =
      parse_redis_url("rediss://me:p%40ss@10.0.0.1:7000/3?ca_file=/ca.pem").value();
  EXPECT_TRUE(address.tls);
  EXPECT_EQ(address.host, "10.0.0.1");
  EXPECT_EQ(address.port, 7000);
  EXPECT_EQ(address.user, "me");
  EXPECT_EQ(address.password, "p@ss");
  EXPECT_EQ(address.database, 3);
  EXPECT_EQ(address.ca_file, "/ca.pem");
}

TEST(RedisAddress, AnEmptyUserIsTheDefaultOne) {
  const auto address = parse_redis_url("redis://:secret@localhost:6380").value();
  EXPECT_EQ(address.user, "");
  EXPECT_EQ(address.password, "secret");
}

TEST(RedisAddress, UnixSocket) {
  const auto address = parse_redis_url("unix:///run/a/redis.sock?db=2&password=x%26y").value();
  EXPECT_EQ(address.socket_path, "/run/a/redis.sock");
  EXPECT_EQ(address.database, 2);
  EXPECT_EQ(address.password, "x&y");
}

TEST(RedisAddress, Ipv6HostLosesItsBrackets) {
  EXPECT_EQ(parse_redis_url("redis://[::1]:6379").value().host, "::1");
}

TEST(RedisAddress, WhatCannotBeReadIsRefusedWithoutRepeatingIt) {
  for (const char* url : {"", "localhost:6379", "http://:geheim@x", "redis://:geheim@",
                          "redis://:geheim@x:0", "redis://:geheim@x:99999", "redis://:geheim@x/a",
                          "redis://:geheim@x/-1", "unix://geheim", "redis://:geheim@x?what=1"}) {
    const auto address = parse_redis_url(url);
    ASSERT_FALSE(address) << url;
    EXPECT_EQ(address.error().kind, ErrorKind::invalid_input);
    EXPECT_FALSE((address.error().message + address.error().hint).contains("geheim"));
  }
}

}  // namespace
}  // namespace auterity::data
