#pragma once
// Proof that nothing sleeps for ever. Purpose: every execution that has not ended has exactly one
// durable reason to wake (WakeReason); this duty looks for rows that break the rule, by a bug, a
// half-restored backup or a hand in the database, makes them right and says what it did.
// Invariants: a row is judged and changed under one lock, so that no execution in motion is
// disturbed; a repaired execution goes on from its last checkpoint under a new term; one that was
// suspended by a person stays so. A lease that has run out is no fault: the next claim takes it.
// Whether a subscription or a child execution still exists is not judged here.
#include <string_view>
#include <vector>

#include "core/clock.h"
#include "core/log.h"
#include "core/metrics.h"
#include "data/database.h"
#include "engine/store/execution_store.h"

namespace auterity::engine {

enum class WakeFault {
  none_at_all,      // not ended, but nothing wakes it
  no_time,          // ready, timer or lease without the time from which it may be claimed
  no_owner,         // leased by nobody
  not_suspended,    // waits for a person who never suspended it
  second_reason,    // asleep until something happens, and due by time as well
  unheard_request,  // a person's request that nobody would carry out
  awake_after_end,  // ended, but would be claimed
};
std::string_view to_text(WakeFault fault);

struct WakeRepair {
  Uuid id;
  WakeFault fault = WakeFault::none_at_all;
};

class WakeReasonChecker {
 public:
  WakeReasonChecker(data::Database& database, Clock& clock, Log& log, Metrics& metrics);
  // What was found and repaired, at most a thousand a fault; another run finds the rest.
  Async<Result<std::vector<WakeRepair>>> run_once();
  // What run_once() would repair, and nothing is changed.
  static Async<Result<std::vector<WakeRepair>>> find(data::Database& database, Clock& clock);

 private:
  data::Database& database_;
  Clock& clock_;
  Log& log_;
  Counter& repairs_;
};

}  // namespace auterity::engine
