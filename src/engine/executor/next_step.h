#pragma once
// What the executor does next with an execution that has no pure work left. Pure: a function of the
// execution and of what is in flight.
#include <optional>
#include <set>
#include <vector>

#include "engine/execution/execution.h"

namespace auterity::engine {

// Where the run of an execution stands, beside the execution itself.
struct RunStanding {
  std::set<ActivationId> in_flight;  // effects that have been started
  bool dirty = false;                // something has happened since the last checkpoint
  std::optional<Time> save_by;       // when dirty: until then it may stay unsaved
  bool handing_over = false;         // this process drains
  Time now;
  Duration short_wait;  // waits up to this stay in memory
};

struct NextStep {
  enum class Kind {
    finish,         // save for the last time
    rest,           // suspended: save, leave memory
    hand_over,      // save as ready for another process, leave memory
    start_effects,  // save unless nothing is dirty, then start `effects`
    save,           // save and go on
    sleep,          // save with a timer at `until`, leave memory
    wait,           // for an outcome, a request, or `until`
    stuck,          // a bug: it waits for nothing
  } kind = Kind::wait;
  std::vector<ActivationId> effects;
  std::optional<Time> until;
};

NextStep next_step(const Execution& execution, const RunStanding& standing);

// Effects that the execution awaits, started or not.
std::set<ActivationId> awaited_effects(const Execution& execution);

}  // namespace auterity::engine
