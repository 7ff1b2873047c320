#include "api/auth/login_limiter.h"

#include <gtest/gtest.h>

#include "harness/event_loop.h"
#include "harness/redis_server.h"

namespace auterity::api {
namespace {

class SteppedClock final : public Clock {
 public:
  Time now() const override { return Time(elapsed); }
  Duration monotonic() const override { return elapsed; }
  Async<void> sleep(Duration) override { co_return; }
  Duration elapsed = std::chrono::hours(1);
};

class LoginLimiterTest : public testing::Test {
 protected:
  // How many of `attempts` are admitted.
  int admitted(LoginLimiter& limiter, int attempts, std::string account, std::string address) {
    int count = 0;
    for (int i = 0; i < attempts; ++i) count += loop_.run(limiter.admit(account, address)) ? 1 : 0;
    return count;
  }

  harness::EventLoop loop_;
  SteppedClock clock_;
};

TEST_F(LoginLimiterTest, CountsByAccountAndAddressAndForgetsWithTime) {
  LoginLimiter limiter(nullptr, clock_);
  EXPECT_EQ(admitted(limiter, 20, "a", "1"), 10);
  EXPECT_EQ(admitted(limiter, 20, "a", "2"), 10) << "somebody elsewhere is not locked out";
  EXPECT_EQ(admitted(limiter, 20, "b", "1"), 10);
  clock_.elapsed += std::chrono::seconds(61);
  EXPECT_EQ(admitted(limiter, 20, "a", "1"), 10);
}

TEST_F(LoginLimiterTest, LimitsOneAccountFromEverywhere) {
  LoginLimiter limiter(nullptr, clock_);
  int count = 0;
  for (int address = 0; address < 100; ++address)
    count += admitted(limiter, 1, "a", std::to_string(address));
  EXPECT_EQ(count, 50);
}

TEST_F(LoginLimiterTest, LimitsOneAddressOverAllAccounts) {
  LoginLimiter limiter(nullptr, clock_);
  int count = 0;
  for (int account = 0; account < 200; ++account)
    count += admitted(limiter, 1, std::to_string(account), "1");
  EXPECT_EQ(count, 100);
}

TEST_F(LoginLimiterTest, CountsForAllProcessesInRedisAndAloneWithoutIt) {
  AUTERITY_NEEDS_REDIS();
  harness::RedisServer server;
  SystemClock clock;
  harness::SilentLog log;
  const auto redis = data::open_redis(loop_.executor(), clock, log, {.url = server.url()});
  LoginLimiter one(redis.get(), clock_), other(redis.get(), clock_);
  EXPECT_EQ(admitted(one, 6, "a", "1") + admitted(other, 6, "a", "1"), 10);
  server.stop();
  EXPECT_EQ(admitted(one, 20, "a", "1"), 10) << "counted here from now on";
  loop_.run(redis->close());
}

}  // namespace
}  // namespace auterity::api
