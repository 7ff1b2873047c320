#include "operations/backup/primary_lease.h"

#include <gtest/gtest.h>

#include <array>
#include <boost/asio/io_context.hpp>
#include <cstdlib>

#include "core/random.h"
#include "core/task_group.h"
#include "harness/memory_object_store.h"
#include "harness/simulated_clock.h"

namespace auterity::operations::backup {
namespace {

using namespace std::chrono_literals;

constexpr LeaseTimes kTimes{.length = 3000ms, .trust = 2000ms, .stopping = 900ms};

DocumentSeal seal() { return {std::array<std::uint8_t, 32>{7}, "key"}; }

// A clock of its own: begun at another time, and a little faster or slower than the true one.
class OwnClock final : public Clock {
 public:
  OwnClock(Clock& true_clock, double speed, Duration offset)
      : true_clock_(true_clock), speed_(speed), offset_(offset) {}
  Time now() const override { return true_clock_.now() + offset_; }
  Duration monotonic() const override { return scaled(true_clock_.monotonic(), speed_) + offset_; }
  Async<void> sleep(Duration duration) override {
    return true_clock_.sleep(scaled(duration, 1 / speed_));
  }
  Duration in_true_time(Duration own) const { return scaled(own - offset_, 1 / speed_); }

 private:
  static Duration scaled(Duration duration, double by) {
    return Duration(static_cast<std::int64_t>(static_cast<double>(duration.count()) * by));
  }
  Clock& true_clock_;
  double speed_;
  Duration offset_;
};

// The way to the store: slow in both directions, and answers get lost although it was done.
class LongWay final : public data::ObjectStore {
 public:
  LongWay(data::ObjectStore& store, Clock& clock, Random& random)
      : store_(store), clock_(clock), random_(random) {}

  Async<Result<std::unique_ptr<data::ObjectReader>>> open_reader(std::string key) override {
    co_await delay();
    auto answer = co_await store_.open_reader(std::move(key));
    co_await delay();
    if (lost()) co_return away();
    co_return answer;
  }
  Async<Result<data::ObjectInfo>> put(std::string key, std::string content,
                                      data::WriteCondition condition) override {
    co_await delay();
    if (lost()) co_return away();
    auto answer = co_await store_.put(std::move(key), std::move(content), std::move(condition));
    co_await delay();
    if (lost()) co_return away();
    co_return answer;
  }
  Async<Result<std::unique_ptr<data::ObjectWriter>>> open_writer(
      std::string key, data::WriteCondition condition) override {
    return store_.open_writer(std::move(key), std::move(condition));
  }
  Async<Result<std::string>> get(std::string key, std::size_t max_bytes) override {
    return store_.get(std::move(key), max_bytes);
  }
  Async<Result<data::ObjectInfo>> head(std::string key) override {
    return store_.head(std::move(key));
  }
  Async<Status> remove(std::string key) override { return store_.remove(std::move(key)); }
  Async<Result<std::vector<data::ObjectInfo>>> list(std::string prefix, std::string after,
                                                    std::size_t limit) override {
    return store_.list(std::move(prefix), std::move(after), limit);
  }

 private:
  // Mostly short, now and then longer than a lease.
  Async<void> delay() {
    const std::uint64_t most = random_.below(20) == 0 ? 4000 : 50;
    return clock_.sleep(std::chrono::milliseconds(random_.below(most)));
  }
  bool lost() { return random_.below(12) == 0; }
  static std::unexpected<Error> away() {
    return fail(ErrorKind::unavailable, "no answer", "try again");
  }

  data::ObjectStore& store_;
  Clock& clock_;
  Random& random_;
};

class PrimaryLeaseTest : public testing::Test {
 protected:
  PrimaryLease lease(const std::string& holder) { return {store_, seal(), clock_, holder, kTimes}; }
  template <typename T>
  T run(Async<T> work) {
    return clock_.run(std::move(work));
  }

  boost::asio::io_context loop_;
  harness::SimulatedClock clock_{loop_};
  harness::MemoryObjectStore store_;
};

TEST(LeaseTimes, AreSafeWhenTheHolderHasStoppedBeforeTheTakerBegins) {
  EXPECT_TRUE(LeaseTimes{}.are_safe());
  EXPECT_TRUE(kTimes.are_safe());
  EXPECT_FALSE((LeaseTimes{.length = 30s, .trust = 25s, .stopping = 5s}).are_safe());
}

TEST_F(PrimaryLeaseTest, IsHeldWhileItIsRenewedAndNoLonger) {
  PrimaryLease primary = lease("a");
  ASSERT_TRUE(run(primary.acquire()));
  EXPECT_EQ(primary.term(), 1u);
  clock_.run_for(1900ms);
  EXPECT_TRUE(primary.may_write());
  ASSERT_TRUE(run(primary.renew()));
  clock_.run_for(1999ms);
  EXPECT_TRUE(primary.may_write());
  store_.fail_writes(ErrorKind::unavailable);
  EXPECT_EQ(run(primary.renew()).error().kind, ErrorKind::unavailable);
  clock_.run_for(1ms);
  EXPECT_FALSE(primary.may_write()) << "the store is away for too long";
  EXPECT_FALSE(primary.is_fenced());
  store_.fail_writes(std::nullopt);
  ASSERT_TRUE(run(primary.renew()));
  EXPECT_TRUE(primary.may_write()) << "nobody took it meanwhile";
}

TEST_F(PrimaryLeaseTest, WhoStartsFindsItTakenReleasedOrItsOwn) {
  PrimaryLease first = lease("a");
  ASSERT_TRUE(run(first.acquire()));
  PrimaryLease second = lease("b");
  EXPECT_EQ(run(second.acquire()).error().kind, ErrorKind::conflict);
  EXPECT_FALSE(second.may_write());
  PrimaryLease again = lease("a");
  ASSERT_TRUE(run(again.acquire())) << "the same platform, started anew";
  EXPECT_EQ(again.term(), 1u);
  ASSERT_TRUE(run(again.release()));
  EXPECT_FALSE(again.may_write());
  const Duration before = clock_.monotonic();
  ASSERT_TRUE(run(second.acquire()));
  EXPECT_EQ(clock_.monotonic(), before) << "nobody has to wait";
  EXPECT_EQ(second.term(), 2u);
  EXPECT_EQ(run(first.renew()).error().kind, ErrorKind::conflict);
}

TEST_F(PrimaryLeaseTest, ATakerEndsRenewalsAtOnceAndWritesWhenTrustHasRunOut) {
  PrimaryLease old = lease("a");
  ASSERT_TRUE(run(old.acquire()));
  PrimaryLease taker = lease("b");
  ASSERT_TRUE(run(taker.claim()));
  EXPECT_FALSE(taker.may_write());
  EXPECT_TRUE(old.may_write()) << "it cannot know yet";
  EXPECT_EQ(run(old.renew()).error().kind, ErrorKind::conflict);
  EXPECT_TRUE(old.is_fenced());
  EXPECT_FALSE(old.may_write());
  const Duration before = clock_.monotonic();
  ASSERT_TRUE(run(taker.wait_out()));
  EXPECT_EQ(clock_.monotonic() - before, kTimes.length);
  EXPECT_TRUE(taker.may_write());
  const auto seen = run(old.look());
  ASSERT_TRUE(seen && *seen);
  EXPECT_EQ((*seen)->term, 2u);
  EXPECT_EQ((*seen)->holder, "b");
  EXPECT_EQ(run(old.renew()).error().kind, ErrorKind::conflict) << "having looked gives no right";
  // And back, the same way.
  ASSERT_TRUE(run(old.take_over()));
  EXPECT_TRUE(old.may_write());
  EXPECT_FALSE(old.is_fenced());
  EXPECT_EQ(run(taker.renew()).error().kind, ErrorKind::conflict);
}

TEST_F(PrimaryLeaseTest, AClaimThatWasCutShortIsWaitedForAnew) {
  PrimaryLease old = lease("a");
  ASSERT_TRUE(run(old.acquire()));
  {
    PrimaryLease killed = lease("b");
    ASSERT_TRUE(run(killed.claim()));
  }
  PrimaryLease taker = lease("b");
  const Duration before = clock_.monotonic();
  ASSERT_TRUE(run(taker.acquire()));
  EXPECT_EQ(clock_.monotonic() - before, kTimes.length);
  EXPECT_EQ(taker.term(), 2u);
}

TEST_F(PrimaryLeaseTest, ARecordThatWasChangedGivesNoRight) {
  PrimaryLease primary = lease("a");
  ASSERT_TRUE(run(primary.acquire()));
  std::string& text = store_.objects().at(std::string(PrimaryLease::kKey));
  text[text.find("\"a\"") + 1] = 'b';
  EXPECT_EQ(run(lease("b").acquire()).error().kind, ErrorKind::failed);
}

// One platform with a clock and a way to the store of its own.
struct Platform {
  Platform(int number, harness::SimulatedClock& true_clock, data::ObjectStore& store,
           Random& random)
      : clock(true_clock, 0.99 + 0.0001 * static_cast<double>(random.below(201)),
              std::chrono::hours(random.below(1000))),
        way(store, true_clock, random),
        name(std::string(1, static_cast<char>('a' + number))) {
    start();
  }
  void start() { lease.emplace(way, seal(), clock, name, kTimes); }

  OwnClock clock;
  LongWay way;
  std::string name;
  std::optional<PrimaryLease> lease;
  Duration writes_until{};  // true time: at the latest, however long it takes to stop
};

class Interleaving {
 public:
  Interleaving(boost::asio::io_context& loop, harness::SimulatedClock& clock, std::uint64_t seed)
      : loop_(loop), clock_(clock), random_(seed) {
    for (int i = 0; i < 3; ++i)
      platforms_.push_back(std::make_unique<Platform>(i, clock_, store_, random_));
  }
  void run() {
    TaskGroup tasks(loop_.get_executor(), "platforms", [](std::string_view, std::exception_ptr) {
      ADD_FAILURE() << "a platform threw";
    });
    for (const auto& platform : platforms_) tasks.spawn(platform->name, live(*platform));
    clock_.run(tasks.join());
  }
  int writers = 0;     // that began to write
  int violations = 0;  // while another did

 private:
  Async<void> live(Platform& platform) {
    for (int step = 0; step < 8; ++step) {
      // Pauses of the process, too: it looks at the clock again afterwards.
      co_await clock_.sleep(std::chrono::milliseconds(random_.below(1500)));
      const bool wrote = platform.lease->may_write();
      co_await act(platform, wrote);
      look_at(platform, wrote);
    }
  }
  Async<void> act(Platform& platform, bool writes) {
    const std::uint64_t choice = random_.below(10);
    if (choice == 0) {
      platform.start();  // killed, and started anew
      (void)co_await platform.lease->acquire();
    } else if (writes && choice == 1) {
      platform.writes_until = clock_.monotonic();
      (void)co_await platform.lease->release();
    } else if (writes) {
      (void)co_await platform.lease->renew();
    } else if (choice < 4) {
      (void)co_await platform.lease->take_over();
    } else {
      (void)co_await platform.lease->acquire();
    }
  }
  void look_at(Platform& platform, bool wrote) {
    if (!platform.lease->may_write()) return;
    if (!wrote) ++writers;
    platform.writes_until =
        platform.clock.in_true_time(*platform.lease->trusted_until()) + kTimes.stopping;
    for (const auto& other : platforms_)
      if (other.get() != &platform && other->writes_until > clock_.monotonic()) ++violations;
  }

  boost::asio::io_context& loop_;
  harness::SimulatedClock& clock_;
  SeededRandom random_;
  harness::MemoryObjectStore store_;
  std::vector<std::unique_ptr<Platform>> platforms_;
};

// AUTERITY_LEASE_INTERLEAVINGS: how many, instead of a thousand.
TEST_F(PrimaryLeaseTest, InNoOrderOfEventsThereAreTwoWriters) {
  const char* wanted = std::getenv("AUTERITY_LEASE_INTERLEAVINGS");
  const std::uint64_t most = wanted == nullptr ? 1'000 : std::strtoull(wanted, nullptr, 10);
  std::uint64_t writers = 0;
  for (std::uint64_t seed = 1; seed <= most; ++seed) {
    Interleaving interleaving(loop_, clock_, seed);
    interleaving.run();
    writers += static_cast<std::uint64_t>(interleaving.writers);
    ASSERT_EQ(interleaving.violations, 0) << "seed " << seed;
  }
  EXPECT_GT(writers, most) << "leases go to and fro";
}

}  // namespace
}  // namespace auterity::operations::backup
