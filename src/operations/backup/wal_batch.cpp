#include "operations/backup/wal_batch.h"

#include <algorithm>

namespace auterity::operations::backup {

WalBatch::WalBatch(data::Lsn durable, std::vector<WalPiece> pieces)
    : durable_(durable), received_(durable), pieces_(std::move(pieces)) {}

void WalBatch::received(data::Lsn end, Duration now) {
  received_ = std::max(received_, end);
  if (received_ > durable_ && !waiting_since_) waiting_since_ = now;
}

std::optional<Duration> WalBatch::due() const {
  if (!waiting_since_) return std::nullopt;
  return *waiting_since_ + kWindow;
}

std::optional<WalBatch::Store> WalBatch::next(Duration now) const {
  if (received_ <= durable_) return std::nullopt;
  const data::Lsn segment = data::segment_start(durable_);
  const data::Lsn segment_end = segment + data::kWalSegmentBytes;
  if (received_ >= segment_end) return Store{{segment, segment_end}, true, pieces_};
  if (now < *due()) return std::nullopt;
  Store store{{durable_, received_}, false, {}};
  for (auto last = pieces_.rbegin(); last != pieces_.rend() && last->end == store.piece.start &&
                                     last->size() <= 2 * store.piece.size();
       ++last) {
    store.piece.start = last->start;
    store.replaced.insert(store.replaced.begin(), *last);
  }
  return store;
}

void WalBatch::stored(const Store& done, Duration now) {
  durable_ = done.piece.end;
  pieces_.resize(pieces_.size() - done.replaced.size());
  if (!done.whole_segment) pieces_.push_back(done.piece);
  // What came meanwhile begins to wait now at the latest: it was taken in after this was begun.
  waiting_since_ = received_ > durable_ ? std::optional(now) : std::nullopt;
}

}  // namespace auterity::operations::backup
