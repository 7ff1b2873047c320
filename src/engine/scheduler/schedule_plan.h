#pragma once
// When schedules fire. Pure: no I/O, no clock. Purpose: from what is remembered of each schedule,
// which fire times are due.
//
// Fire times: `cron`, the matching minutes after the publication; `every`, the publication plus one
// interval, two intervals, …, whether or not earlier executions still run; `after`, the publication
// itself, then so long after the end of the execution that the last fire time started. Catching up:
// of the fire times that were missed (nobody led, the platform was down) the latest one fires, the
// ones before it do not.
#include <optional>
#include <vector>

#include "core/error.h"
#include "core/time.h"
#include "core/uuid.h"
#include "engine/definition/definition.h"

namespace auterity::engine {

// The execution that the last fire time started.
struct LastRun {
  bool ended = false;
  Time ended_at;  // when `ended`
};

struct ScheduleState {
  Uuid workflow_id;
  Schedule schedule;
  Time anchor_at;                    // the publication
  std::optional<Time> last_fire_at;  // nullopt: never fired
  LastRun last_run;                  // of last_fire_at
};

struct Fire {
  Uuid workflow_id;
  Time at;  // the fire time, not now
  bool operator==(const Fire&) const = default;
};

// The fire time that is due at `now`, if there is one. invalid_input for a schedule that cannot be
// read.
Result<std::optional<Time>> due_fire(const ScheduleState& state, Time now);
// The first fire time after `now`, as far as it is known already (an `after` whose execution runs
// has none).
Result<std::optional<Time>> next_fire(const ScheduleState& state, Time now);

// All that are due, in order of their fire times. A schedule that cannot be read is left out;
// `unreadable` gets its workflow.
std::vector<Fire> due(const std::vector<ScheduleState>& schedules, Time now,
                      std::vector<Uuid>& unreadable);
// The earliest next_fire() of all.
std::optional<Time> next_of(const std::vector<ScheduleState>& schedules, Time now);

}  // namespace auterity::engine
