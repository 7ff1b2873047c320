#pragma once
// How often somebody may try to sign in: per account and address, per account, per address
// (login_limiter.cpp has the numbers), in windows of fixed length. Counted in Redis, so that all
// replicas count together; in this process when Redis is away.
#include <string>
#include <unordered_map>

#include "core/async.h"
#include "core/clock.h"
#include "core/error.h"
#include "data/redis.h"

namespace auterity::api {

class LoginLimiter {
 public:
  // `redis` may be null.
  LoginLimiter(data::Redis* redis, const Clock& clock) : redis_(redis), clock_(clock) {}

  // Counts an attempt; rate_limited when there were too many, with the time to wait in the hint.
  Async<Status> admit(std::string account, std::string address);

 private:
  struct Window {
    std::int64_t attempts = 0;
    Duration ends{};
  };
  Async<std::int64_t> count(std::string key, Duration window);
  std::int64_t count_here(const std::string& key, Duration window);

  data::Redis* redis_;
  const Clock& clock_;
  std::unordered_map<std::string, Window> windows_;
};

}  // namespace auterity::api
