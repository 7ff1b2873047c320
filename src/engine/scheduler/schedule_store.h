#pragma once
// What the scheduler remembers, behind an interface.
#include <string>
#include <vector>

#include "core/async.h"
#include "core/error.h"
#include "engine/scheduler/schedule_plan.h"

namespace auterity::engine {

// One published workflow of a name that has a schedule in any of its versions.
struct ScheduledVersion {
  Uuid workflow_id;
  std::string name_space, name, version;
  bool scheduled = false;  // this version has one; the rest is of use only then
  Time anchor_at;
  std::optional<Time> last_fire_at;
  LastRun last_run;
};

class ScheduleStore {
 public:
  virtual ~ScheduleStore() = default;
  virtual Async<Result<std::vector<ScheduledVersion>>> versions() = 0;
  // Remembers that `at` was started as `execution`; an earlier fire time than the remembered one
  // changes nothing.
  virtual Async<Status> fired(Uuid workflow_id, Time at, Uuid execution) = 0;
};

// The newest version of each name, if that one has a schedule: publishing a new version moves the
// schedule to it, or ends it. Pure.
std::vector<ScheduledVersion> active_schedules(std::vector<ScheduledVersion> versions);

}  // namespace auterity::engine
