#include "engine/scheduler/schedule_plan.h"

#include <algorithm>

#include "core/cron.h"

namespace auterity::engine {
namespace {

// The last match at or before `now` of those after `from`. Looks in windows that double, so that
// years of absence cost no more than the gap between two matches.
std::optional<Time> latest_match(const CronSchedule& cron, Time from, Time now) {
  if (cron.next_after(from) > now) return std::nullopt;
  Duration window = std::chrono::minutes(1);
  Time start = now - window;
  while (start > from && cron.next_after(start) > now) {
    window *= 2;
    start = now - window;
  }
  Time latest = cron.next_after(std::max(start, from));
  for (Time next = cron.next_after(latest); next <= now; next = cron.next_after(latest))
    latest = next;
  return latest;
}

// How many whole intervals lie between the anchor and `now`; 0 before the anchor.
std::int64_t intervals_since(const ScheduleState& state, Time now) {
  if (now < state.anchor_at) return 0;
  return (now - state.anchor_at) / *state.schedule.every;
}

std::unexpected<Error> unreadable() {
  return fail(ErrorKind::invalid_input, "the schedule has no cron, every or after",
              "publish the workflow anew with one of them");
}

// The one fire time of `after` that is known, past or future.
std::optional<Time> fire_after(const ScheduleState& state) {
  if (!state.last_fire_at) return state.anchor_at;
  if (!state.last_run.ended) return std::nullopt;
  return state.last_run.ended_at + *state.schedule.after;
}

bool is_usable_interval(const std::optional<Duration>& every) {
  return every && *every > Duration{};
}

}  // namespace

Result<std::optional<Time>> due_fire(const ScheduleState& state, Time now) {
  if (state.schedule.cron) {
    AUTERITY_TRY(cron, CronSchedule::parse(*state.schedule.cron));
    return latest_match(cron, state.last_fire_at.value_or(state.anchor_at), now);
  }
  if (is_usable_interval(state.schedule.every)) {
    const std::int64_t count = intervals_since(state, now);
    if (count < 1) return std::nullopt;
    const Time at = state.anchor_at + count * *state.schedule.every;
    if (state.last_fire_at && at <= *state.last_fire_at) return std::nullopt;
    return at;
  }
  if (!state.schedule.after) return unreadable();
  const std::optional<Time> at = fire_after(state);
  return at && *at <= now ? at : std::nullopt;
}

Result<std::optional<Time>> next_fire(const ScheduleState& state, Time now) {
  if (state.schedule.cron) {
    AUTERITY_TRY(cron, CronSchedule::parse(*state.schedule.cron));
    return cron.next_after(now);
  }
  if (is_usable_interval(state.schedule.every))
    return state.anchor_at + (intervals_since(state, now) + 1) * *state.schedule.every;
  if (!state.schedule.after) return unreadable();
  const std::optional<Time> at = fire_after(state);
  return at && *at > now ? at : std::nullopt;
}

std::vector<Fire> due(const std::vector<ScheduleState>& schedules, Time now,
                      std::vector<Uuid>& unreadable) {
  std::vector<Fire> fires;
  for (const ScheduleState& state : schedules) {
    const auto at = due_fire(state, now);
    if (!at)
      unreadable.push_back(state.workflow_id);
    else if (*at)
      fires.push_back({state.workflow_id, **at});
  }
  std::ranges::sort(fires, {}, &Fire::at);
  return fires;
}

std::optional<Time> next_of(const std::vector<ScheduleState>& schedules, Time now) {
  std::optional<Time> earliest;
  for (const ScheduleState& state : schedules) {
    const auto next = next_fire(state, now);
    if (next && *next && (!earliest || **next < *earliest)) earliest = **next;
  }
  return earliest;
}

}  // namespace auterity::engine
