#pragma once
// When which part of the arriving log is stored. What has come is stored a fixed time after its
// first byte at the latest, as a piece of its segment; a segment that is complete is stored as a
// whole, and its pieces go. A piece takes earlier ones in that are at most twice as large, so that
// a segment never consists of more than a few, however slowly it fills. Decides only; wal_shipper.h
// does.
#include <optional>
#include <vector>

#include "core/time.h"
#include "data/postgres/lsn.h"

namespace auterity::operations::backup {

// From `start` up to `end`, within one segment.
struct WalPiece {
  data::Lsn start;
  data::Lsn end;
  std::uint64_t size() const { return end - start; }
  bool operator==(const WalPiece&) const = default;
};

class WalBatch {
 public:
  // How long the log may wait, of the second that may be lost with the machine: storing takes time,
  // too.
  static constexpr Duration kWindow = std::chrono::milliseconds(150);

  // `pieces`: what is stored of the segment that `durable` lies in, in order, up to `durable`.
  WalBatch(data::Lsn durable, std::vector<WalPiece> pieces);

  // The log up to `end` is here; `now` is monotonic.
  void received(data::Lsn end, Duration now);
  // When something is to be stored at the latest; nullopt: everything is.
  std::optional<Duration> due() const;

  struct Store {
    WalPiece piece;
    bool whole_segment = false;
    std::vector<WalPiece> replaced;  // needed no longer once `piece` is stored
    bool operator==(const Store&) const = default;
  };
  // What to store now; nullopt: wait.
  std::optional<Store> next(Duration now) const;
  // It is stored.
  void stored(const Store& done, Duration now);

  // Everything before is stored.
  data::Lsn durable() const { return durable_; }

 private:
  data::Lsn durable_;
  data::Lsn received_;
  std::optional<Duration> waiting_since_;  // the oldest byte that is not stored
  std::vector<WalPiece> pieces_;           // of the segment that is open
};

}  // namespace auterity::operations::backup
