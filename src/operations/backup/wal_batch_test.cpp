#include "operations/backup/wal_batch.h"

#include <gtest/gtest.h>

#include "core/random.h"

namespace auterity::operations::backup {
namespace {

using data::kWalSegmentBytes;
using data::Lsn;
using std::chrono::milliseconds;

constexpr Lsn kStart{3 * kWalSegmentBytes};

TEST(WalBatch, NothingWaitsWhereNothingCame) {
  WalBatch batch(kStart + 10, {{kStart, kStart + 10}});
  EXPECT_FALSE(batch.due());
  EXPECT_FALSE(batch.next(milliseconds(1000)));
  batch.received(kStart + 7, milliseconds(5));  // comes again after a restart
  EXPECT_FALSE(batch.due());
  EXPECT_EQ(batch.durable(), kStart + 10);
}

TEST(WalBatch, TheFirstByteDecidesWhenAPieceIsStored) {
  WalBatch batch(kStart, {});
  batch.received(kStart + 100, milliseconds(1000));
  batch.received(kStart + 300, milliseconds(1100));
  EXPECT_EQ(batch.due(), milliseconds(1000) + WalBatch::kWindow);
  EXPECT_FALSE(batch.next(milliseconds(1000) + WalBatch::kWindow - Duration(1)));
  const auto store = batch.next(milliseconds(1000) + WalBatch::kWindow);
  EXPECT_EQ(store, (WalBatch::Store{{kStart, kStart + 300}, false, {}}));
  EXPECT_EQ(batch.durable(), kStart) << "only once it is stored";
  batch.stored(*store, milliseconds(1200));
  EXPECT_EQ(batch.durable(), kStart + 300);
  EXPECT_FALSE(batch.due());
}

TEST(WalBatch, ACompleteSegmentIsStoredAtOnceAndReplacesItsPieces) {
  WalBatch batch(kStart + 100, {{kStart, kStart + 100}});
  batch.received(kStart + kWalSegmentBytes + 5, milliseconds(0));
  const auto whole = batch.next(milliseconds(0));
  ASSERT_TRUE(whole);
  EXPECT_EQ(*whole,
            (WalBatch::Store{{kStart, kStart + kWalSegmentBytes}, true, {{kStart, kStart + 100}}}));
  batch.stored(*whole, milliseconds(20));
  EXPECT_FALSE(batch.next(milliseconds(20)));
  EXPECT_EQ(batch.due(), milliseconds(20) + WalBatch::kWindow) << "the rest waits for its turn";
}

TEST(WalBatch, APieceTakesInThoseBeforeThatAreNotMuchLarger) {
  WalBatch batch(kStart + 150, {{kStart, kStart + 100}, {kStart + 100, kStart + 150}});
  batch.received(kStart + 210, milliseconds(0));
  const auto store = batch.next(milliseconds(1000));
  EXPECT_EQ(*store, (WalBatch::Store{{kStart, kStart + 210},
                                     false,
                                     {{kStart, kStart + 100}, {kStart + 100, kStart + 150}}}));
  WalBatch other(kStart + 150, {{kStart, kStart + 100}, {kStart + 100, kStart + 150}});
  other.received(kStart + 160, milliseconds(0));
  EXPECT_EQ(*other.next(milliseconds(1000)),
            (WalBatch::Store{{kStart + 150, kStart + 160}, false, {}}));
}

// Any arrivals whatever: nothing waits longer than the window, nothing is left out or stored twice
// at the end, and a segment has few pieces.
TEST(WalBatch, HoldsForRandomArrivals) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    SeededRandom random(seed);
    WalBatch batch(kStart, {});
    Lsn end = kStart;
    std::vector<WalPiece> kept;  // what the archive holds
    Duration first_unstored{-1};
    std::uint64_t written = 0;
    for (Duration now{0}; end < kStart + 3 * kWalSegmentBytes; now += milliseconds(10)) {
      if (random.below(3) == 0) {
        if (end == batch.durable()) first_unstored = now;
        end = end + 1 + random.below(seed % 2 == 0 ? 3'000 : 3'000'000);
        batch.received(end, now);
      }
      while (const auto store = batch.next(now)) {
        written += store->piece.size();
        EXPECT_LE(now - first_unstored, WalBatch::kWindow + milliseconds(10)) << seed;
        for (const auto& replaced : store->replaced) {
          ASSERT_EQ(kept.back().end > replaced.start, true);
          std::erase(kept, replaced);
        }
        kept.push_back(store->piece);
        batch.stored(*store, now);
        first_unstored = now;
        std::size_t open = 0;
        for (const auto& piece : kept)
          open += piece.start >= data::segment_start(batch.durable()) ? 1 : 0;
        EXPECT_LE(open, 24u) << seed;
      }
      ASSERT_EQ(batch.durable() == end || batch.due().has_value(), true);
    }
    Lsn reached = kStart;
    for (const auto& piece : kept) {
      EXPECT_EQ(piece.start, reached) << "without gaps, without overlaps";
      reached = piece.end;
    }
    EXPECT_EQ(reached, batch.durable());
    EXPECT_LT(written, 20 * (end - kStart)) << "each byte is written a few times only";
  }
}

}  // namespace
}  // namespace auterity::operations::backup
