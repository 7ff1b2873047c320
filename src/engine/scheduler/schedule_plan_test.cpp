#include "engine/scheduler/schedule_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace auterity::engine {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Optional;

const Time kAnchor = *parse_rfc3339("2026-11-24T10:07:30Z");
Time at(std::string_view text) { return *parse_rfc3339(text); }

ScheduleState cron(std::string expression) {
  ScheduleState state{.anchor_at = kAnchor};
  state.schedule.cron = std::move(expression);
  return state;
}
ScheduleState every(Duration interval) {
  ScheduleState state{.anchor_at = kAnchor};
  state.schedule.every = interval;
  return state;
}
ScheduleState after(Duration delay) {
  ScheduleState state{.anchor_at = kAnchor};
  state.schedule.after = delay;
  return state;
}

TEST(SchedulePlan, CronFiresAtItsMinutesAfterThePublication) {
  ScheduleState state = cron("*/15 * * * *");
  EXPECT_EQ(*due_fire(state, at("2026-11-24T10:14:59Z")), std::nullopt);
  EXPECT_THAT(*due_fire(state, at("2026-11-24T10:15:00Z")), Optional(at("2026-11-24T10:15:00Z")));
  EXPECT_THAT(*next_fire(state, kAnchor), Optional(at("2026-11-24T10:15:00Z")));
  state.last_fire_at = at("2026-11-24T10:15:00Z");
  EXPECT_EQ(*due_fire(state, at("2026-11-24T10:29:59Z")), std::nullopt);
  EXPECT_THAT(*due_fire(state, at("2026-11-24T10:30:00Z")), Optional(at("2026-11-24T10:30:00Z")));
}

TEST(SchedulePlan, OfMissedCronTimesTheLatestFires) {
  ScheduleState state = cron("0 3 * * *");
  state.last_fire_at = at("2026-11-24T03:00:00Z");
  EXPECT_THAT(*due_fire(state, at("2026-11-29T17:00:00Z")), Optional(at("2026-11-29T03:00:00Z")));
  // A minute schedule over ten years of absence: found without walking them.
  ScheduleState busy = cron("* * * * *");
  busy.last_fire_at = at("2016-01-01T00:00:00Z");
  EXPECT_THAT(*due_fire(busy, at("2026-11-29T17:00:30Z")), Optional(at("2026-11-29T17:00:00Z")));
  ScheduleState rare = cron("0 0 29 2 *");
  rare.last_fire_at = at("2020-02-29T00:00:00Z");
  EXPECT_THAT(*due_fire(rare, at("2027-06-01T00:00:00Z")), Optional(at("2024-02-29T00:00:00Z")));
}

TEST(SchedulePlan, EveryCountsFromThePublication) {
  ScheduleState state = every(minutes(10));
  EXPECT_EQ(*due_fire(state, kAnchor), std::nullopt);
  EXPECT_EQ(*due_fire(state, kAnchor + minutes(10) - Duration(1)), std::nullopt);
  EXPECT_THAT(*due_fire(state, kAnchor + minutes(10)), Optional(kAnchor + minutes(10)));
  EXPECT_THAT(*next_fire(state, kAnchor), Optional(kAnchor + minutes(10)));
  EXPECT_THAT(*next_fire(state, kAnchor + minutes(10)), Optional(kAnchor + minutes(20)));
  state.last_fire_at = kAnchor + minutes(10);
  EXPECT_EQ(*due_fire(state, kAnchor + minutes(19)), std::nullopt);
  // Started late: the grid stays.
  EXPECT_THAT(*due_fire(state, kAnchor + minutes(57)), Optional(kAnchor + minutes(50)));
}

TEST(SchedulePlan, EveryTakesNoNoticeOfRunningExecutions) {
  ScheduleState state = every(seconds(1));
  state.last_fire_at = kAnchor + seconds(1);
  state.last_run.ended = false;
  EXPECT_THAT(*due_fire(state, kAnchor + seconds(2)), Optional(kAnchor + seconds(2)));
}

TEST(SchedulePlan, AfterBeginsAtThePublicationAndThenWaitsForTheEnd) {
  ScheduleState state = after(hours(1));
  EXPECT_THAT(*due_fire(state, kAnchor), Optional(kAnchor));
  state.last_fire_at = kAnchor;
  EXPECT_EQ(*due_fire(state, kAnchor + days(3)), std::nullopt);
  EXPECT_EQ(*next_fire(state, kAnchor + days(3)), std::nullopt);
  state.last_run = {.ended = true, .ended_at = kAnchor + hours(5)};
  EXPECT_EQ(*due_fire(state, kAnchor + hours(5)), std::nullopt);
  EXPECT_THAT(*next_fire(state, kAnchor + hours(5)), Optional(kAnchor + hours(6)));
  EXPECT_THAT(*due_fire(state, kAnchor + hours(9)), Optional(kAnchor + hours(6)));
}

TEST(SchedulePlan, AllThatAreDueInOrderOfTheirTimes) {
  std::vector<ScheduleState> schedules{every(hours(1)), cron("0 11 * * *"), after(hours(1)),
                                       every(days(1)), ScheduleState{.anchor_at = kAnchor}};
  for (std::uint8_t i = 0; i < schedules.size(); ++i) schedules[i].workflow_id.bytes[15] = i;
  std::vector<Uuid> unreadable;
  EXPECT_THAT(due(schedules, kAnchor + hours(1), unreadable),
              ElementsAre(Fire{schedules[2].workflow_id, kAnchor},
                          Fire{schedules[1].workflow_id, at("2026-11-24T11:00:00Z")},
                          Fire{schedules[0].workflow_id, kAnchor + hours(1)}));
  EXPECT_THAT(unreadable, ElementsAre(schedules[4].workflow_id));
  EXPECT_THAT(next_of(schedules, kAnchor), Optional(at("2026-11-24T11:00:00Z")));
  EXPECT_EQ(next_of({}, kAnchor), std::nullopt);
}

}  // namespace
}  // namespace auterity::engine
