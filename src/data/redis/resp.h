#pragma once
// The Redis protocol, version 2 (https://redis.io/docs/latest/develop/reference/protocol-spec/):
// commands as text, replies by hiredis' reader. No I/O.
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "data/redis.h"

struct redisReader;

namespace auterity::data {

// An array of bulk strings.
std::string encode_command(const std::vector<std::string>& arguments);

// What an error reply means, by its first word.
Error redis_error(std::string_view text);

class ReplyReader {
 public:
  ReplyReader();
  void feed(std::string_view bytes);
  // The next whole reply (a Result error when it is an error reply), nullopt when more bytes are
  // needed. The outer error is a breach of the protocol, after which the connection is of no use.
  Result<std::optional<Result<RedisReply>>> next();

 private:
  struct Free {
    void operator()(redisReader* reader) const;
  };
  std::unique_ptr<redisReader, Free> reader_;
};

}  // namespace auterity::data
