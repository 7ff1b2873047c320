#include "engine/scheduler/scheduler.h"

#include <algorithm>
#include <utility>

namespace auterity::engine {

Scheduler::Scheduler(SchedulerServices services, SchedulerOptions options)
    : services_(std::move(services)),
      options_(std::move(options)),
      leadership_(services_.leaderships, services_.clock, "scheduler", options_.holder,
                  options_.lease),
      started_(services_.metrics.counter("scheduler_started_total",
                                         "Executions that their schedules started.")),
      failed_(services_.metrics.counter(
          "scheduler_failed_total", "Fire times that could not be started and are tried again.")),
      leading_(
          services_.metrics.gauge("scheduler_leading", "1 while this process leads, else 0.")) {}

Async<Result<std::vector<ScheduleState>>> Scheduler::load() {
  AUTERITY_CO_TRY(versions, co_await services_.schedules.versions());
  std::vector<ScheduleState> states;
  for (const ScheduledVersion& version : active_schedules(std::move(versions))) {
    auto definition = co_await services_.workflows.definition(version.workflow_id);
    if (!definition || !(*definition)->schedule) {
      services_.log.warning(
          "scheduler", "a schedule is passed over: its definition cannot be read",
          {{"workflow_id", Json(to_text(version.workflow_id))},
           {"reason", Json(definition ? "it has no schedule" : definition.error().message)}});
      continue;
    }
    states.push_back({.workflow_id = version.workflow_id,
                      .schedule = *(*definition)->schedule,
                      .anchor_at = version.anchor_at,
                      .last_fire_at = version.last_fire_at,
                      .last_run = version.last_run});
  }
  co_return states;
}

Async<Result<SchedulerReport>> Scheduler::run_once() {
  SchedulerReport report;
  AUTERITY_CO_TRY(leading, co_await leadership_.hold());
  leading_.set(leading ? 1 : 0);
  report.leading = leading;
  if (!leading) co_return report;
  AUTERITY_CO_TRY(states, co_await load());
  const Time now = services_.clock.now();
  std::vector<Uuid> unreadable;
  for (const Fire& each : due(states, now, unreadable)) {
    if (!leadership_.is_trusted()) break;
    co_await fire(each, report);
  }
  for (const Uuid& id : unreadable)
    services_.log.warning("scheduler", "a schedule cannot be read",
                          {{"workflow_id", Json(to_text(id))}});
  report.next = next_of(states, now);
  co_return report;
}

Async<void> Scheduler::fire(Fire fire, SchedulerReport& report) {
  Status done = co_await start(fire, report);
  if (done) co_return;
  ++report.failed;
  failed_.add();
  services_.log.warning("scheduler", "a scheduled execution could not be started; trying again",
                        {{"workflow_id", Json(to_text(fire.workflow_id))},
                         {"fire_time", Json(to_rfc3339(fire.at))},
                         {"reason", Json(done.error().message)}});
}

Async<Status> Scheduler::start(Fire fire, SchedulerReport& report) {
  AUTERITY_CO_TRY(definition, co_await services_.workflows.definition(fire.workflow_id));
  StartRequest request{.workflow_id = fire.workflow_id, .definition = std::move(definition)};
  request.input = JsonObject();
  request.trigger = "schedule";
  request.scheduled_for = fire.at;
  AUTERITY_CO_TRY(created, co_await services_.start(std::move(request)));
  AUTERITY_CO_CHECK(co_await services_.schedules.fired(fire.workflow_id, fire.at, created.id));
  if (created.existing) {
    ++report.repeated;
  } else {
    ++report.started;
    started_.add();
  }
  co_return Status();
}

Duration Scheduler::pause_after(const Result<SchedulerReport>& report) const {
  if (!report || !report->leading || !report->next) return options_.poll;
  const Duration until_next = *report->next - services_.clock.now();
  return std::clamp<Duration>(until_next, std::chrono::milliseconds(1), options_.poll);
}

Async<void> Scheduler::run() {
  while (true) {
    auto report = co_await run_once();
    if (!report)
      services_.log.warning("scheduler", "schedules could not be looked at; trying again",
                            {{"reason", Json(report.error().message)}});
    co_await services_.clock.sleep(pause_after(report));
  }
}

}  // namespace auterity::engine
