#pragma once
// Continuous archiving: streams the database's log through a replication slot into the archive
// while it is written. The server hears that a place is safe only when it is stored, so that
// whatever dies, the slot keeps what is missing, and the next run goes on there. At most one
// segment is held in memory; while the archive cannot take more, nothing more is read, and the log
// waits at the server.
//
// Where the slot is gone (dropped, or invalidated because the log it held grew over
// max_slot_wal_keep_size), a new one is made and the gap is told: recovery cannot cross it, and a
// new base backup is needed.
#include <functional>
#include <optional>
#include <string>

#include "core/clock.h"
#include "core/log.h"
#include "data/postgres/replication.h"
#include "operations/backup/wal_archive.h"

namespace auterity::operations::backup {

struct WalShippingState {
  std::string system_id;
  data::Timeline timeline = 0;
  bool slot_holds = false;      // what is not shipped yet stays at the server
  data::Lsn durable;            // everything before is in the archive
  std::optional<WalPiece> gap;  // between what was archived and what can be
  Duration longest_wait{};      // of any byte between its arrival and being stored
  std::uint64_t stored_objects = 0;
};

class WalShipper {
 public:
  static constexpr std::string_view kSlot = "auterity_wal";

  // `url`: the cluster, as a superuser. `on_progress` hears of every step forward. References
  // outlive this.
  WalShipper(Executor executor, Clock& clock, Log& log, data::SealedObjects& objects,
             std::string url, std::function<void(const WalShippingState&)> on_progress);

  // Connects and ships until the server or the archive fails: the answer is always an error.
  Async<Status> run_once();
  // The same for ever, with pauses after failures. Ends by cancellation alone.
  Async<void> run();

  const WalShippingState& state() const { return state_; }
  // Monotonic: whatever was durable at the server by then is in the archive; nullopt: since this
  // was made, the archive never had everything.
  std::optional<Duration> complete_at() const;
  // Why nothing is shipped just now; nullopt: it is.
  const std::optional<Error>& failure() const { return failure_; }

 private:
  // Where to go on: finds or makes the slot.
  Async<Result<data::Lsn>> take_position(data::Replication& replication, WalArchive& archive);
  Async<Result<data::Lsn>> new_slot(data::Replication& replication, WalArchive& archive);
  void hold();
  void complete(Duration at);
  Async<Status> keep_history(data::Replication& replication, WalArchive& archive);
  Async<Status> stream(data::Replication& replication, WalArchive& archive, data::Lsn durable);
  Async<Status> store_due(data::Replication& replication, WalArchive& archive, WalBatch& batch);
  Async<Result<data::WalArrival>> receive(data::Replication& replication, const WalBatch& batch);
  Status take_in(const data::WalArrival& arrival);

  Executor executor_;
  Clock& clock_;
  Log& log_;
  data::SealedObjects& objects_;
  std::string url_;
  std::function<void(const WalShippingState&)> on_progress_;
  WalShippingState state_;
  std::optional<Error> failure_;
  data::Lsn flushed_;  // the end of the server's log when the connection was made
  bool idle_ = false;  // everything is stored, and the server has nothing to send
  std::optional<Duration> complete_at_;
  data::Lsn held_from_;  // where held_ begins: the start of a segment
  std::string held_;
  Duration oldest_{};  // when the oldest byte that is not stored came
};

}  // namespace auterity::operations::backup
