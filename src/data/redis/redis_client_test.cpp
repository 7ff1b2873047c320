// The Redis client against a real server.
#include <gtest/gtest.h>

#include <fmt/format.h>

#include "core/task_group.h"
#include "data/completion.h"
#include "data/redis.h"
#include "harness/event_loop.h"
#include "harness/fault_proxy.h"
#include "harness/redis_server.h"

namespace auterity::data {
namespace {

using harness::RedisServer;

class RedisTest : public testing::Test {
 protected:
  void SetUp() override { AUTERITY_NEEDS_REDIS(); }

  void TearDown() override {
    tasks_.stop();
    loop_.run(tasks_.join());
    if (redis_) loop_.run(redis_->close());
  }

  void open(const std::string& url) {
    options_.url = url;
    redis_ = open_redis(loop_.executor(), clock_, log_, options_);
  }

  Result<RedisReply> run(std::vector<std::string> arguments) {
    return loop_.run(redis_->command(std::move(arguments)));
  }
  // Until the client has noticed what happened to the server.
  Result<RedisReply> run_until(bool success, const std::vector<std::string>& arguments) {
    for (;;) {
      auto reply = run(arguments);
      if (reply.has_value() == success) return reply;
      loop_.run(clock_.sleep(std::chrono::milliseconds(5)));
    }
  }

  void expect_round_trip() {
    ASSERT_EQ(run({"SET", "key", "value"}).value().text, "OK");
    EXPECT_EQ(run({"GET", "key"}).value().text, "value");
    EXPECT_EQ(run({"GET", "absent"}).value().kind, RedisReply::Kind::nil);
  }

  harness::EventLoop loop_;
  SystemClock clock_;
  harness::SilentLog log_;
  // Ample, so that a busy machine makes no test fail; tests of the time limit set their own.
  RedisOptions options_{.url = {}, .command_timeout = std::chrono::seconds(20)};
  std::unique_ptr<Redis> redis_;
  TaskGroup tasks_{loop_.executor(), "test", [](std::string_view, std::exception_ptr) {}};
};

TEST_F(RedisTest, UnixSocket) {
  open(RedisServer::shared()->url());
  expect_round_trip();
}

TEST_F(RedisTest, Loopback) {
  RedisServer server(RedisServer::Transport::loopback);
  open(server.url());
  expect_round_trip();
}

TEST_F(RedisTest, TlsWithACertificateThatIsTrusted) {
  RedisServer server(RedisServer::Transport::tls);
  open(server.url());
  expect_round_trip();
}

TEST_F(RedisTest, TlsRefusesACertificateThatIsNotTrusted) {
  RedisServer server(RedisServer::Transport::tls);
  const auto url = server.url();
  open(url.substr(0, url.find('?')));
  const auto reply = run({"PING"});
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().kind, ErrorKind::unavailable);
}

TEST_F(RedisTest, TlsRefusesACertificateOfAnotherHost) {
  RedisServer server(RedisServer::Transport::tls);
  auto url = server.url();
  url.replace(url.find("localhost"), 9, "127.0.0.1");
  open(url);
  EXPECT_FALSE(run({"PING"}));
}

TEST_F(RedisTest, AWrongPasswordIsUnavailableAndNotRepeated) {
  open(RedisServer::shared()->url_with_password("geheim"));
  const auto reply = run({"PING"});
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().kind, ErrorKind::unavailable);
  EXPECT_TRUE(reply.error().hint.contains("password"));
  EXPECT_FALSE((reply.error().message + reply.error().hint).contains("geheim"));
}

TEST_F(RedisTest, AUrlThatCannotBeReadIsInvalid) {
  open("redis://:geheim@");
  EXPECT_EQ(run({"PING"}).error().kind, ErrorKind::invalid_input);
}

TEST_F(RedisTest, AnErrorReplyLeavesTheConnectionUsable) {
  open(RedisServer::shared()->url());
  EXPECT_EQ(run({"NOSUCHCOMMAND"}).error().kind, ErrorKind::internal);
  expect_round_trip();
}

Async<void> set_and_get(Redis& redis, int number, int& right) {
  const auto key = fmt::format("many:{}", number);
  co_await redis.command({"SET", key, std::to_string(number)});
  const auto reply = co_await redis.command({"GET", key});
  if (reply && reply->text == std::to_string(number)) ++right;
}

TEST_F(RedisTest, ConcurrentCommandsGetTheirOwnReplies) {
  open(RedisServer::shared()->url());
  int right = 0;
  for (int i = 0; i < 500; ++i) tasks_.spawn("caller", set_and_get(*redis_, i, right));
  loop_.run(tasks_.join());
  EXPECT_EQ(right, 500);
}

TEST_F(RedisTest, ALargeValuePasses) {
  open(RedisServer::shared()->url());
  const std::string large(5 << 20, 'x');
  ASSERT_TRUE(run({"SET", "large", large}));
  EXPECT_EQ(run({"GET", "large"}).value().text, large);
}

TEST_F(RedisTest, AServerThatWasKilledIsFoundAgain) {
  RedisServer server;
  open(server.url());
  expect_round_trip();
  server.kill();
  EXPECT_EQ(run_until(false, {"PING"}).error().kind, ErrorKind::unavailable);
  server.start();
  EXPECT_EQ(run_until(true, {"PING"}).value().text, "PONG");
  expect_round_trip();
}

TEST_F(RedisTest, AServerThatHangsIsATimeoutAndThenUsedAgain) {
  RedisServer server;
  options_.command_timeout = std::chrono::milliseconds(200);
  open(server.url());
  ASSERT_TRUE(run_until(true, {"PING"}));
  server.freeze();
  const auto reply = run({"PING"});
  server.thaw();
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().kind, ErrorKind::timeout);
  EXPECT_TRUE(run_until(true, {"PING"}));
}

TEST_F(RedisTest, AReplyCutInTheMiddleIsUnavailable) {
  RedisServer server(RedisServer::Transport::loopback);
  harness::FaultProxy proxy(fmt::format("127.0.0.1:{}", server.port()));
  auto url = server.url();
  url.replace(url.find(std::to_string(server.port())), std::to_string(server.port()).size(),
              std::to_string(proxy.port()));
  open(url);
  ASSERT_TRUE(run({"SET", "key", std::string(1000, 'x')}));
  proxy.cut_after(100);
  EXPECT_EQ(run({"GET", "key"}).error().kind, ErrorKind::unavailable);
  proxy.pass();
  EXPECT_EQ(run_until(true, {"GET", "key"}).value().text.size(), 1000u);
}

TEST_F(RedisTest, ACancelledCommandDoesNotShiftTheRepliesOfOthers) {
  open(RedisServer::shared()->url());
  ASSERT_TRUE(run({"SET", "key", "value"}));
  {
    TaskGroup leaving(loop_.executor(), "leaving", [](std::string_view, std::exception_ptr) {});
    int ignored = 0;
    for (int i = 0; i < 20; ++i) leaving.spawn("caller", set_and_get(*redis_, i, ignored));
    leaving.stop();
    loop_.run(leaving.join());
  }
  for (int i = 0; i < 20; ++i)
    EXPECT_EQ(run({"ECHO", std::to_string(i)}).value().text, std::to_string(i));
}

TEST_F(RedisTest, ASubscriptionHearsMessagesAndComesBackAfterTheServerDid) {
  RedisServer server;
  open(server.url());
  std::vector<std::string> heard;
  int reconnects = 0;
  tasks_.spawn("subscription", redis_->subscribe(
                                   {"one", "two"},
                                   [&](std::string_view channel, std::string_view message) {
                                     heard.push_back(fmt::format("{}={}", channel, message));
                                   },
                                   [&] { ++reconnects; }));
  // PUBLISH answers how many subscribers heard it.
  const auto publish_until_heard = [&](const std::string& channel) {
    while (run_until(true, {"PUBLISH", channel, "x"}).value().integer == 0) {
    }
    const auto before = heard.size();
    ASSERT_TRUE(loop_.run(redis_->publish(channel, "y")));
    while (heard.size() == before || heard.back() != channel + "=y") loop_.context().run_one();
  };
  publish_until_heard("one");
  publish_until_heard("two");
  EXPECT_EQ(reconnects, 0);
  server.kill();
  ASSERT_FALSE(run_until(false, {"PING"}));
  server.start();
  publish_until_heard("one");
  EXPECT_EQ(reconnects, 1);
}

}  // namespace
}  // namespace auterity::data
