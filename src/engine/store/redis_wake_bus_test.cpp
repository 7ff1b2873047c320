#include "engine/store/redis_wake_bus.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/event_loop.h"
#include "harness/redis_server.h"

namespace auterity::engine {
namespace {

using testing::ElementsAre;
using testing::SizeIs;
using testing::StartsWith;

Uuid id(std::uint8_t last) {
  Uuid result;
  result.bytes[15] = last;
  return result;
}

// Notes what is published; may be away.
class NotedRedis final : public data::Redis {
 public:
  Async<Result<data::RedisReply>> command(std::vector<std::string>) override {
    co_return data::RedisReply{};
  }
  Async<Status> publish(std::string channel, std::string message) override {
    published.push_back(channel + " " + message);
    if (away) co_return fail(ErrorKind::unavailable, "redis is away", "wait");
    co_return Status();
  }
  Async<void> subscribe(std::vector<std::string>,
                        std::function<void(std::string_view, std::string_view)> message,
                        std::function<void()> reconnect) override {
    on_message = std::move(message);
    on_reconnect = std::move(reconnect);
    co_return;
  }
  Async<void> close() override { co_return; }

  bool away = false;
  std::vector<std::string> published;
  std::function<void(std::string_view, std::string_view)> on_message;
  std::function<void()> on_reconnect;
};

class RedisWakeBusTest : public testing::Test {
 protected:
  RedisWakeBusTest() {
    bus_.on_ready([this] { ++ready_; });
    bus_.on_changed([this](const Uuid& execution) { changed_.push_back(execution); });
  }
  ~RedisWakeBusTest() override { loop_.run(bus_.idle()); }

  harness::EventLoop loop_;
  harness::SilentLog log_;
  SeededRandom random_{3};
  NotedRedis redis_;
  SystemClock clock_;
  RedisWakeBus bus_{loop_.executor(), redis_, clock_, log_, random_};
  int ready_ = 0;
  std::vector<Uuid> changed_;
};

TEST_F(RedisWakeBusTest, HandlersOfThisProcessAreCalledAtOnce) {
  bus_.notify_ready();
  bus_.notify_changed(id(1));
  EXPECT_EQ(ready_, 1);
  EXPECT_THAT(changed_, ElementsAre(id(1)));
}

TEST_F(RedisWakeBusTest, BurstsAreMerged) {
  for (int i = 0; i < 100; ++i) {
    bus_.notify_ready();
    bus_.notify_changed(id(static_cast<std::uint8_t>(i % 3)));
  }
  loop_.run(bus_.idle());
  ASSERT_THAT(redis_.published, SizeIs(2));
  EXPECT_THAT(redis_.published, testing::UnorderedElementsAre(StartsWith("auterity:ready "),
                                                              StartsWith("auterity:changed ")));
  for (const std::string& message : redis_.published)
    if (message.starts_with("auterity:changed"))
      for (std::uint8_t i = 0; i < 3; ++i)
        EXPECT_NE(message.find(to_text(id(i))), std::string::npos);
}

TEST_F(RedisWakeBusTest, ChangesThatFollowAreToldTogether) {
  bus_.notify_changed(id(1));
  while (redis_.published.empty()) loop_.run(clock_.sleep(std::chrono::milliseconds(1)));
  for (std::uint8_t i = 2; i < 12; ++i) bus_.notify_changed(id(i));
  loop_.run(bus_.idle());
  ASSERT_THAT(redis_.published, SizeIs(2));
  EXPECT_NE(redis_.published.front().find(to_text(id(1))), std::string::npos);
  for (std::uint8_t i = 2; i < 12; ++i)
    EXPECT_NE(redis_.published.back().find(to_text(id(i))), std::string::npos);
}

TEST_F(RedisWakeBusTest, OwnMessagesAreNotHeardTwiceAndOthersAre) {
  loop_.run(bus_.run());
  bus_.notify_ready();
  bus_.notify_changed(id(1));
  loop_.run(bus_.idle());
  for (const std::string& message : redis_.published) {
    const auto space = message.find(' ');
    redis_.on_message(message.substr(0, space), message.substr(space + 1));
  }
  EXPECT_EQ(ready_, 1);
  EXPECT_THAT(changed_, SizeIs(1));
  redis_.on_message("auterity:ready", "another");
  redis_.on_message("auterity:changed", "another " + to_text(id(7)) + " rubbish " + to_text(id(8)));
  EXPECT_EQ(ready_, 2);
  EXPECT_THAT(changed_, ElementsAre(id(1), id(7), id(8)));
}

TEST_F(RedisWakeBusTest, AReconnectionIsAWakeUp) {
  loop_.run(bus_.run());
  redis_.on_reconnect();
  EXPECT_EQ(ready_, 1);
}

TEST_F(RedisWakeBusTest, LosingRedisHurtsNobody) {
  redis_.away = true;
  bus_.notify_ready();
  bus_.notify_changed(id(1));
  loop_.run(bus_.idle());
  bus_.notify_ready();
  loop_.run(bus_.idle());
  EXPECT_EQ(ready_, 2);
  EXPECT_THAT(redis_.published, SizeIs(3));
}

TEST(RedisWakeBusOnRedis, OneProcessWakesAnother) {
  AUTERITY_NEEDS_REDIS();
  harness::EventLoop loop;
  harness::SilentLog log;
  SystemClock clock;
  SystemRandom random;
  const data::RedisOptions options{.url = harness::RedisServer::shared()->url(),
                                   .command_timeout = std::chrono::seconds(20)};
  auto here = data::open_redis(loop.executor(), clock, log, options);
  auto there = data::open_redis(loop.executor(), clock, log, options);
  RedisWakeBus sender(loop.executor(), *here, clock, log, random);
  RedisWakeBus listener(loop.executor(), *there, clock, log, random);
  int ready = 0;
  std::vector<Uuid> changed;
  listener.on_ready([&] { ++ready; });
  listener.on_changed([&](const Uuid& execution) { changed.push_back(execution); });
  TaskGroup tasks(loop.executor(), "test", [](std::string_view, std::exception_ptr) {});
  tasks.spawn("listen", listener.run());
  // Until the subscription stands, messages go nowhere.
  while (changed.empty() || ready == 0) {
    sender.notify_ready();
    sender.notify_changed(id(9));
    loop.run(clock.sleep(std::chrono::milliseconds(2)));
  }
  EXPECT_EQ(changed.front(), id(9));
  tasks.stop();
  loop.run(tasks.join());
  loop.run(sender.idle());
  loop.run(here->close());
  loop.run(there->close());
}

}  // namespace
}  // namespace auterity::engine
