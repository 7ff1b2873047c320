#pragma once
// Partitions of executions and their history: made before they are needed, dropped when retention
// has passed. Purpose: deleting a week of history costs one catalogue change. Invariants: a
// partition that holds an execution which has not ended is kept, and reported; rows are never
// deleted one by one; payloads in the object store go after the rows that referred to them, and
// what an earlier run left behind goes with the next one; several processes may do this at once.
// However many creations of one process wait for a partition, one of them asks for it.
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/async.h"
#include "core/clock.h"
#include "core/error.h"
#include "core/log.h"
#include "data/database.h"
#include "data/object_store.h"
#include "engine/store/partition_plan.h"

namespace auterity::engine {

struct PartitionOptions {
  int width_days = 7;                            // 1 to 366
  Duration ahead = std::chrono::hours(24 * 21);  // how far there are partitions in advance
  Duration keep = std::chrono::hours(24 * 90);   // retention of executions, from their creation
  // How long ensure() rides out an absent server before its callers are told.
  Duration retry_for = std::chrono::seconds(15);
};

struct PartitionReport {
  struct Kept {
    std::string name;
    std::int64_t unfinished = 0;  // executions in it that have not ended
  };
  std::vector<std::string> created, dropped;  // names such as "p20261123"
  std::vector<Kept> kept;                     // past retention, but still needed
  std::size_t keys_removed = 0;               // start keys that had expired
  std::size_t payloads_removed = 0;
};

class Partitions {
 public:
  Partitions(Executor executor, data::Database& database, data::ObjectStore& objects, Clock& clock,
             Log& log, PartitionOptions options)
      : executor_(std::move(executor)),
        database_(database),
        objects_(objects),
        clock_(clock),
        log_(log),
        options_(options) {}

  // Whether an execution created at `time` surely has its partition. Cheap; false until ensure()
  // has looked.
  bool covers(Time time) const { return is_covered(known_, time); }
  // Makes what is missing from `time` on, `ahead` included. Waits for whoever does the same, here
  // or in another process. Repeated while the server is away, up to `retry_for`; then
  // `unavailable`.
  Async<Status> ensure(Time time);
  // The duty: partitions ahead of now, retention, expired start keys, payloads without rows. One
  // failing part does not stop the others.
  Async<Result<PartitionReport>> run_once();

 private:
  struct Flight;

  Async<Status> load();
  Async<Status> make_room(Time time);
  Async<Status> make_room_patiently(Time time);
  Async<Status> create_missing(Time from, Time to, std::vector<std::string>& created);
  Async<Status> drop_expired(PartitionReport& report);
  Async<Status> drop(Partition partition, PartitionReport& report);
  Async<Status> remove_expired_keys(PartitionReport& report);
  Async<Status> remove_orphaned_payloads(PartitionReport& report);

  Executor executor_;
  data::Database& database_;
  data::ObjectStore& objects_;
  Clock& clock_;
  Log& log_;
  PartitionOptions options_;
  std::vector<Partition> known_;
  std::shared_ptr<Flight> flight_;  // while somebody here asks for partitions
};

}  // namespace auterity::engine
