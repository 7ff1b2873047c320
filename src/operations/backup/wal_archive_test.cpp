#include "operations/backup/wal_archive.h"

#include <gtest/gtest.h>

#include <boost/asio/thread_pool.hpp>
#include <fstream>

#include "harness/event_loop.h"
#include "harness/memory_object_store.h"
#include "harness/throwaway_folder.h"

namespace auterity::operations::backup {
namespace {

using data::kWalSegmentBytes;
using data::Lsn;

constexpr Lsn kStart{5 * kWalSegmentBytes};
constexpr std::string_view kSegment = "000000010000000000000005";

class WalArchiveTest : public testing::Test {
 protected:
  static data::SealingKey draw() {
    SeededRandom random(1);
    return data::SealingKey::draw(random);
  }
  // What the log holds at each place.
  static std::string content(const WalPiece& piece) {
    std::string bytes(piece.size(), '\0');
    for (std::size_t i = 0; i < bytes.size(); ++i)
      bytes[i] = static_cast<char>(1 + (piece.start.value() + i) % 251);
    return bytes;
  }
  static WalPiece piece(std::uint64_t start, std::uint64_t end) {
    return {kStart + start, kStart + end};
  }
  Status store(const WalPiece& stored, std::vector<WalPiece> replaced = {}) {
    return loop_.run(archive_.store(
        1, {stored, stored.size() == kWalSegmentBytes, std::move(replaced)}, content(stored)));
  }
  Result<std::string> fetch(const std::string& name = std::string(kSegment)) {
    return loop_.run(archive_.fetch(name));
  }
  Lsn reach(Lsn from) { return loop_.run(archive_.reach(1, from)).value(); }

  harness::EventLoop loop_;
  boost::asio::thread_pool pool_{1};
  harness::MemoryObjectStore store_;
  data::SealedObjects objects_{store_, pool_.get_executor(), draw()};
  WalArchive archive_{objects_, "7000"};
};

// A location that refuses the name for another reason has not stored it.
TEST_F(WalArchiveTest, WhereAFileIsInTheWayNothingCountsAsStored) {
  harness::ThrowawayFolder folder("archive");
  std::ofstream(folder.path() / "wal") << "no folder";
  const auto store = data::open_folder_object_store(folder.path().string(), pool_.get_executor());
  data::SealedObjects objects(*store, pool_.get_executor(), draw());
  WalArchive archive(objects, "7000");
  EXPECT_FALSE(loop_.run(archive.store(1, {piece(0, 10), false, {}}, "0123456789")));
  std::filesystem::remove(folder.path() / "wal");
  for (int twice = 0; twice < 2; ++twice)
    EXPECT_TRUE(loop_.run(archive.store(1, {piece(0, 10), false, {}}, "0123456789")));
}

TEST_F(WalArchiveTest, NamesSayWhatIsIn) {
  EXPECT_EQ(piece_name(1, piece(0, kWalSegmentBytes)), kSegment);
  EXPECT_EQ(piece_name(1, piece(16, 0xA00000)), std::string(kSegment) + ".00000010-00A00000");
  EXPECT_EQ(parse_piece_name(std::string(kSegment) + ".00000010-00A00000"), piece(16, 0xA00000));
  EXPECT_EQ(parse_piece_name(kSegment), piece(0, kWalSegmentBytes));
  for (const auto* bad : {".00000010-0000001", ".00000010-00000010", ".00000010-0000001G", ".zst",
                          ".00000010-FF000000", ".00000010.00A00000"})
    EXPECT_FALSE(parse_piece_name(std::string(kSegment) + bad)) << bad;
}

TEST_F(WalArchiveTest, PutsPiecesTogetherAndEndsWithZeros) {
  ASSERT_TRUE(store(piece(0, 1000)));
  ASSERT_TRUE(store(piece(1000, 1500)));
  const auto segment = fetch();
  ASSERT_TRUE(segment) << segment.error().message;
  EXPECT_EQ(segment->size(), kWalSegmentBytes);
  EXPECT_TRUE(segment->starts_with(content(piece(0, 1500))));
  EXPECT_EQ(segment->find_first_not_of('\0', 1500), std::string::npos);
  EXPECT_EQ(reach(kStart + 20), kStart + 1500);
}

TEST_F(WalArchiveTest, ReplacedPiecesMayBeLeftOver) {
  ASSERT_TRUE(store(piece(0, 1000)));
  ASSERT_TRUE(store(piece(1000, 1500)));
  ASSERT_TRUE(store(piece(0, 2000), {}));  // the process died before it removed the others
  ASSERT_TRUE(store(piece(2000, 2100)));
  EXPECT_TRUE(fetch()->starts_with(content(piece(0, 2100))));
  EXPECT_EQ(reach(kStart), kStart + 2100);
  ASSERT_TRUE(store(piece(0, kWalSegmentBytes)));
  EXPECT_EQ(fetch().value(), content(piece(0, kWalSegmentBytes)));
  EXPECT_EQ(reach(kStart), kStart + kWalSegmentBytes);
  EXPECT_EQ(store_.objects().size(), 5u);
  ASSERT_TRUE(loop_.run(archive_.remove_leftovers(1, kStart + kWalSegmentBytes)));
  EXPECT_EQ(store_.objects().size(), 1u);
}

TEST_F(WalArchiveTest, StoringReplacesWhatItIsToldAndStoringTwiceIsStoringOnce) {
  ASSERT_TRUE(store(piece(0, 1000)));
  ASSERT_TRUE(store(piece(0, 1200), {piece(0, 1000)}));
  EXPECT_EQ(store_.objects().size(), 1u);
  const auto before = store_.objects();
  ASSERT_TRUE(store(piece(0, 1200)));
  EXPECT_EQ(store_.objects(), before);
}

TEST_F(WalArchiveTest, AGapIsNotFilledWithWhatLiesBehindIt) {
  ASSERT_TRUE(store(piece(0, 1000)));
  ASSERT_TRUE(store(piece(1001, 1500)));
  EXPECT_EQ(fetch()->find_first_not_of('\0', 1000), std::string::npos);
  EXPECT_EQ(reach(kStart), kStart + 1000);
  EXPECT_EQ(loop_.run(archive_.newest_end(1)).value(), kStart + 1500);
  EXPECT_EQ(fetch("000000010000000000000006").error().kind, ErrorKind::not_found);
}

TEST_F(WalArchiveTest, ReachGoesOverManySegmentsAndKeepsToItsTimeline) {
  store_.objects()["wal/7000/00000001/" + std::string(kSegment)] = "";
  store_.objects()["wal/7000/00000001/000000010000000000000006"] = "";
  store_.objects()["wal/7000/00000001/000000010000000000000008"] = "";
  store_.objects()["wal/7000/00000002/000000020000000000000007"] = "";
  EXPECT_EQ(reach(kStart + 5), Lsn(7 * kWalSegmentBytes));
  EXPECT_EQ(reach(Lsn(6 * kWalSegmentBytes)), Lsn(7 * kWalSegmentBytes));
  EXPECT_EQ(reach(Lsn(4 * kWalSegmentBytes)), Lsn(4 * kWalSegmentBytes)) << "it begins later";
  EXPECT_EQ(reach(Lsn(8 * kWalSegmentBytes)), Lsn(9 * kWalSegmentBytes));
}

TEST_F(WalArchiveTest, HistoriesAreKeptPerTimeline) {
  ASSERT_TRUE(loop_.run(archive_.store_history(2, "1\t0/5000000\tno recovery target\n")));
  EXPECT_EQ(fetch("00000002.history").value(), "1\t0/5000000\tno recovery target\n");
  EXPECT_EQ(fetch("00000003.history").error().kind, ErrorKind::not_found);
  EXPECT_EQ(fetch("../../etc/passwd").error().kind, ErrorKind::not_found);
}

TEST_F(WalArchiveTest, DamageIsNoEndOfTheLog) {
  ASSERT_TRUE(store(piece(0, 1000)));
  store_.objects().begin()->second.back() ^= 1;
  EXPECT_EQ(fetch().error().kind, ErrorKind::failed);
}

TEST_F(WalArchiveTest, APieceUnderAnotherNameIsFound) {
  ASSERT_TRUE(store(piece(0, 1000)));
  auto& objects = store_.objects();
  objects["wal/7000/00000001/" + piece_name(1, piece(1000, 2000))] = objects.begin()->second;
  EXPECT_EQ(fetch().error().kind, ErrorKind::failed);
}

}  // namespace
}  // namespace auterity::operations::backup
