#pragma once
// Starts executions when their schedules say so. Purpose: `schedule` of published workflows
// (schedule_plan.h says when). Invariants: only the leader starts (leadership.h); a fire time
// starts exactly once whoever tries, since the execution store knows it (
// NewExecution::scheduled_for), so that a leader that died half-way is repeated without harm; one
// workflow that cannot be started does not hold up the others. Not here: events as triggers.
#include <functional>
#include <string>

#include "core/clock.h"
#include "core/log.h"
#include "core/metrics.h"
#include "engine/executor/engine.h"
#include "engine/scheduler/leadership.h"
#include "engine/scheduler/schedule_store.h"
#include "engine/store/workflow_store.h"

namespace auterity::engine {

struct SchedulerServices {
  Clock& clock;
  Log& log;
  Metrics& metrics;
  ScheduleStore& schedules;
  WorkflowStore& workflows;
  LeadershipStore& leaderships;
  // Engine::start, or what stands for it in a test.
  std::function<Async<Result<Created>>(StartRequest)> start;
};

struct SchedulerOptions {
  std::string holder;                         // unique a process
  Duration lease = std::chrono::seconds(15);  // of the leadership
  Duration poll = std::chrono::seconds(1);    // how soon a new schedule is seen
};

struct SchedulerReport {
  bool leading = false;
  std::size_t started = 0;   // executions that this run started
  std::size_t repeated = 0;  // fire times that had been started already
  std::size_t failed = 0;
  std::optional<Time> next;  // the next fire time that is known
};

class Scheduler {
 public:
  Scheduler(SchedulerServices services, SchedulerOptions options);

  // Starts what is due at now, if this process leads or can lead.
  Async<Result<SchedulerReport>> run_once();
  // run_once() again and again until cancelled; errors are logged and tried again.
  Async<void> run();
  // Gives the leadership to whoever asks next.
  Async<Status> resign() { return leadership_.resign(); }

 private:
  Async<Result<std::vector<ScheduleState>>> load();
  Async<void> fire(Fire fire, SchedulerReport& report);
  Async<Status> start(Fire fire, SchedulerReport& report);
  Duration pause_after(const Result<SchedulerReport>& report) const;

  SchedulerServices services_;
  SchedulerOptions options_;
  Leadership leadership_;
  Counter& started_;
  Counter& failed_;
  Gauge& leading_;
};

}  // namespace auterity::engine
