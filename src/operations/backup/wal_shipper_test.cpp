// Against a real PostgreSQL, whose own log files are what the archive must hold.
#include "operations/backup/wal_shipper.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <boost/asio/thread_pool.hpp>
#include <fstream>
#include <iterator>

#include "harness/event_loop.h"
#include "harness/memory_object_store.h"
#include "harness/postgres_server.h"

namespace auterity::operations::backup {
namespace {

using data::Lsn;

// Ends the shipper the hard way: everything that it held is gone.
struct Killed {};

// Dies before the n-th change of the store, as a killed process would.
class MortalStore final : public data::ObjectStore {
 public:
  explicit MortalStore(data::ObjectStore& store) : store_(store) {}
  int changes_left = 1 << 30;

  Async<Result<std::unique_ptr<data::ObjectWriter>>> open_writer(
      std::string key, data::WriteCondition condition) override {
    step();
    return store_.open_writer(std::move(key), std::move(condition));
  }
  Async<Result<std::unique_ptr<data::ObjectReader>>> open_reader(std::string key) override {
    return store_.open_reader(std::move(key));
  }
  Async<Result<data::ObjectInfo>> put(std::string key, std::string content,
                                      data::WriteCondition condition) override {
    step();
    return store_.put(std::move(key), std::move(content), std::move(condition));
  }
  Async<Result<std::string>> get(std::string key, std::size_t max_bytes) override {
    return store_.get(std::move(key), max_bytes);
  }
  Async<Result<data::ObjectInfo>> head(std::string key) override {
    return store_.head(std::move(key));
  }
  Async<Status> remove(std::string key) override {
    step();
    return store_.remove(std::move(key));
  }
  Async<Result<std::vector<data::ObjectInfo>>> list(std::string prefix, std::string after,
                                                    std::size_t limit) override {
    return store_.list(std::move(prefix), std::move(after), limit);
  }

 private:
  void step() {
    if (changes_left-- <= 0) throw Killed{};
  }
  data::ObjectStore& store_;
};

class WalShipperTest : public testing::Test {
 protected:
  void SetUp() override { AUTERITY_NEEDS_POSTGRES(); }
  harness::PostgresServer& server() {
    if (!server_) server_ = std::make_unique<harness::PostgresServer>();
    return *server_;
  }
  static data::SealingKey draw() {
    SeededRandom random(1);
    return data::SealingKey::draw(random);
  }
  // Ships until everything before `target` is stored; answers why it ended before.
  Status ship_until(Lsn target) {
    WalShipper shipper(loop_.executor(), clock_, log_, objects_, server().url(),
                       [&](const WalShippingState& state) {
                         if (state.durable >= target) throw Killed{};
                       });
    Status ended;
    try {
      ended = loop_.run(shipper.run_once());
    } catch (const Killed&) {
    }
    state_ = shipper.state();
    return ended;
  }
  Lsn written() {
    return Lsn::parse(server().execute("SELECT pg_current_wal_flush_lsn()")).value();
  }
  Lsn write(int kilobytes) {
    for (int i = 0; i < kilobytes; i += 100)
      server().execute(
          "SELECT pg_logical_emit_message(true, 'test', repeat(md5(random()::text), 3200))");
    return written();
  }
  std::string on_disk(const std::string& segment) {
    std::ifstream file(server().socket_folder() + "/data/pg_wal/" + segment, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  // The archive holds the server's log from `first` to `end`, byte by byte.
  void expect_archived(Lsn first, Lsn end) {
    WalArchive archive(objects_,
                       server().execute("SELECT system_identifier FROM pg_control_system()"));
    EXPECT_GE(loop_.run(archive.reach(1, first)).value(), end);
    for (Lsn at = data::segment_start(first); at < end; at = at + data::kWalSegmentBytes) {
      const auto name = data::segment_name(1, at);
      const auto segment = loop_.run(archive.fetch(name));
      ASSERT_TRUE(segment) << segment.error().message;
      const auto length = std::min<std::uint64_t>(end - at, data::kWalSegmentBytes);
      EXPECT_TRUE(segment->substr(0, length) == on_disk(name).substr(0, length)) << name;
    }
  }

  harness::EventLoop loop_;
  SystemClock clock_;
  harness::SilentLog log_;
  boost::asio::thread_pool pool_{1};
  harness::MemoryObjectStore memory_;
  MortalStore store_{memory_};
  data::SealedObjects objects_{store_, pool_.get_executor(), draw()};
  std::unique_ptr<harness::PostgresServer> server_;
  WalShippingState state_;
};

TEST_F(WalShipperTest, TheArchiveHoldsTheLogByteByByte) {
  const Lsn first = write(200);
  (void)ship_until(Lsn());  // makes the slot
  ASSERT_TRUE(ship_until(write(300)));
  expect_archived(first, written());
  ASSERT_TRUE(ship_until(write(20'000)));
  EXPECT_FALSE(state_.gap);
  expect_archived(first, written());
  int pieces = 0;
  for (const auto& [key, content] : memory_.objects()) pieces += key.find('.') != key.npos;
  EXPECT_LE(pieces, 24) << "of the open segment alone";
}

TEST_F(WalShipperTest, KilledAtAnyChangeOfTheArchiveNothingIsLostOrDoubled) {
  const Lsn first = write(100);
  (void)ship_until(Lsn());
  for (int change = 0; change < 6; ++change) {
    const Lsn target = write(change == 3 ? 17'000 : 300);
    store_.changes_left = change % 4;
    (void)ship_until(target);
    store_.changes_left = 1 << 30;
    ASSERT_TRUE(ship_until(write(100))) << change;
    expect_archived(first, target);
    EXPECT_FALSE(state_.gap);
  }
}

TEST_F(WalShipperTest, GoesOnAfterTheServerWasKilled) {
  const Lsn first = write(100);
  (void)ship_until(Lsn());
  ASSERT_TRUE(ship_until(write(300)));
  server().kill();
  EXPECT_EQ(ship_until(Lsn(~0ull)).error().kind, ErrorKind::unavailable);
  server().start();
  const Lsn target = write(300);
  ASSERT_TRUE(ship_until(target));
  expect_archived(first, target);
}

TEST_F(WalShipperTest, AFullArchiveKeepsTheLogAtTheServer) {
  const Lsn first = write(100);
  (void)ship_until(Lsn());
  memory_.fail_writes(ErrorKind::storage_full);
  const Lsn target = write(18'000);
  EXPECT_EQ(ship_until(target).error().kind, ErrorKind::storage_full);
  memory_.fail_writes(std::nullopt);
  ASSERT_TRUE(ship_until(target));
  EXPECT_FALSE(state_.gap);
  expect_archived(first, target);
}

TEST_F(WalShipperTest, ALostSlotIsAGapThatIsTold) {
  write(100);
  (void)ship_until(Lsn());
  ASSERT_TRUE(ship_until(write(300)));
  const Lsn reached = state_.durable;
  while (server().execute("SELECT active FROM pg_replication_slots") == "t") {
  }
  server().execute(fmt::format("SELECT pg_drop_replication_slot('{}')", WalShipper::kSlot));
  write(40'000);
  server().execute("CHECKPOINT");
  ASSERT_TRUE(ship_until(write(100)));
  ASSERT_TRUE(state_.gap);
  EXPECT_EQ(state_.gap->start, reached);
  EXPECT_GT(state_.gap->end, reached);
}

}  // namespace
}  // namespace auterity::operations::backup
