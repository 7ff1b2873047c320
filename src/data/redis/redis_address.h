#pragma once
// Where a Redis server is and how to sign in there, out of a URL. The URL holds the password: no
// error here repeats any part of it.
#include <cstdint>
#include <string>

#include "core/error.h"

namespace auterity::data {

struct RedisAddress {
  std::string socket_path;  // unix domain socket; empty: host and port
  std::string host;
  std::uint16_t port = 6379;
  bool tls = false;
  std::string ca_file;  // certificates to trust instead of the system's
  std::string user;     // empty: Redis' default user
  std::string password;
  int database = 0;
};

// Forms: redis.h. invalid_input otherwise.
Result<RedisAddress> parse_redis_url(const std::string& url);

}  // namespace auterity::data
