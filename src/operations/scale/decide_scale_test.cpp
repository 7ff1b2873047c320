#include "operations/scale/decide_scale.h"

#include <gtest/gtest.h>

namespace auterity::operations {
namespace {

using std::chrono::seconds;

const Time kStart{seconds(1'000'000)};

ScaleSettings settings() {
  ScaleSettings made;
  made.limits = {1, 6, 0, 3};
  return made;
}

struct Seen {
  std::optional<double> cpu, queue_age, latency;
};

// An observation every ten seconds of a platform with these sizes; the last one is "now".
ScaleDecision decide(PlatformSizes sizes, const std::vector<Seen>& seen,
                     std::optional<Duration> changed_before_now = {}) {
  ScaleHistory history;
  ScaleObservation now;
  for (std::size_t i = 0; i < seen.size(); ++i) {
    now = {kStart + seconds(10) * i, sizes, seen[i].cpu, seen[i].queue_age, seen[i].latency, {}};
    if (i + 1 < seen.size()) history.recent.push_back(now);
  }
  if (changed_before_now) history.changed_at = now.at - *changed_before_now;
  return decide_scale(now, settings(), history);
}

constexpr Seen kCalm{5, 0, 20};
constexpr Seen kHot{90, 0, 100};
constexpr Seen kMiddling{50, 0, 100};
constexpr Seen kLate{50, 30, 100};
constexpr Seen kSlow{40, 0, 800};
const std::optional<double> kUnknown;

struct Case {
  const char* what;
  PlatformSizes sizes;
  std::vector<Seen> seen;
  std::optional<Duration> changed;
  PlatformSizes wanted;
};

std::vector<Seen> for_long(Seen seen) { return std::vector<Seen>(31, seen); }

TEST(DecideScale, Table) {
  std::vector<Seen> short_calm(30, kCalm);
  std::vector<Seen> interrupted = for_long(kCalm);
  interrupted[15] = kMiddling;
  const std::vector<Case> cases{
      {"hot twice", {2, 1}, {kHot, kHot}, {}, {4, 1}},
      {"at the CPU threshold", {2, 1}, {{70, 0, 100}, {70, 0, 100}}, {}, {4, 1}},
      {"just below it", {2, 1}, {{69.9, 0, 100}, {69.9, 0, 100}}, {}, {2, 1}},
      {"at the latency threshold", {2, 1}, {{50, 0, 500}, {50, 0, 500}}, {}, {4, 1}},
      {"just below it, too", {2, 1}, {{50, 0, 499}, {50, 0, 499}}, {}, {2, 1}},
      {"at the queue's threshold", {2, 1}, {{50, 10, 100}, {50, 10, 100}}, {}, {2, 2}},
      {"just below that", {2, 1}, {{50, 9.9, 100}, {50, 9.9, 100}}, {}, {2, 1}},
      {"hot and late: both grow", {2, 1}, {{90, 30, 100}, {90, 30, 100}}, {}, {4, 2}},
      {"latency alone, CPU unknown", {2, 1}, {{{}, 0, 800}, {{}, 0, 800}}, {}, {4, 1}},
      {"hot once is a spike", {2, 1}, {kCalm, kHot}, {}, {2, 1}},
      {"nothing before it", {2, 1}, {kHot}, {}, {2, 1}},
      {"slow calls for replicas, too", {2, 1}, {kSlow, kSlow}, {}, {4, 1}},
      {"either of the two", {2, 1}, {kHot, kSlow}, {}, {4, 1}},
      {"not beyond the most", {5, 1}, {kHot, kHot}, {}, {6, 1}},
      {"at the most", {6, 1}, {kHot, kHot}, {}, {6, 1}},
      {"by hand beyond the most", {8, 1}, {kHot, kHot}, {}, {8, 1}},
      {"still cooling down", {2, 1}, {kHot, kHot}, seconds(59), {2, 1}},
      {"cooled down", {2, 1}, {kHot, kHot}, seconds(60), {4, 1}},
      {"executions wait", {2, 1}, {kLate, kLate}, {}, {2, 2}},
      {"executions wait, most workers", {2, 3}, {kLate, kLate}, {}, {2, 3}},
      {"executions wait without a worker", {2, 0}, {kLate, kLate}, {}, {2, 1}},
      {"between the thresholds", {3, 2}, for_long({50, 6, 100}), {}, {3, 2}},
      {"calm for long", {3, 2}, for_long(kCalm), {}, {2, 1}},
      {"CPU at the lower threshold is not calm", {3, 1}, for_long({30, 0, 20}), {}, {3, 1}},
      {"just below it is", {3, 1}, for_long({29.9, 0, 20}), {}, {2, 1}},
      {"half the latency is not calm", {3, 1}, for_long({5, 0, 250}), {}, {3, 1}},
      {"just below half of it is", {3, 1}, for_long({5, 0, 249}), {}, {2, 1}},
      {"half the queue's age keeps workers", {1, 2}, for_long({5, 5, 20}), {}, {1, 2}},
      {"just below half of that does not", {1, 2}, for_long({5, 4.9, 20}), {}, {1, 1}},
      {"calm for long after a change", {3, 2}, for_long(kCalm), seconds(300), {2, 1}},
      {"calm, but not long enough", {3, 2}, short_calm, {}, {3, 2}},
      {"calm with a break", {3, 1}, interrupted, {}, {3, 1}},
      {"calm, changed of late", {3, 2}, for_long(kCalm), seconds(299), {3, 2}},
      {"not below the least", {1, 1}, for_long(kCalm), {}, {1, 1}},
      {"one worker stays for what waits", {1, 1}, for_long(kCalm), {}, {1, 1}},
      {"unknown CPU is not calm", {3, 1}, for_long({kUnknown, 0, 20}), {}, {3, 1}},
      {"unknown latency is not calm", {3, 1}, for_long({5, 0, kUnknown}), {}, {3, 1}},
      {"unknown queue keeps the workers", {1, 2}, for_long({5, kUnknown, 20}), {}, {1, 2}},
      {"unknown is not hot", {2, 1}, {{kUnknown, kUnknown, kUnknown}, {}}, {}, {2, 1}},
  };
  for (const Case& one : cases) {
    const ScaleDecision decision = decide(one.sizes, one.seen, one.changed);
    EXPECT_EQ(decision.sizes.api, one.wanted.api) << one.what << ": " << decision.reason;
    EXPECT_EQ(decision.sizes.workers, one.wanted.workers) << one.what << ": " << decision.reason;
  }
}

TEST(DecideScale, ASizeThatWouldGrowAgainAtOnceIsNotShrunkTo) {
  ScaleSettings two_at_once = settings();
  two_at_once.api_down = 2;
  ScaleHistory history;
  for (int second = 0; second < 300; second += 10)
    history.recent.push_back({kStart + seconds(second), {3, 1}, 29, 0, 20, {}});
  const ScaleObservation now{kStart + seconds(300), {3, 1}, 29, 0, 20, {}};
  EXPECT_EQ(decide_scale(now, two_at_once, history).sizes.api, 3) << "one could not carry 87 %";
  EXPECT_EQ(decide_scale(now, settings(), history).sizes.api, 2);
}

TEST(DecideScale, AdjustmentsAreTheEnvironmentsAndEndAtItsLimits) {
  ScaleSettings other = settings();
  other.limits = {2, 8, 1, 3};
  other.api_up = 3;
  other.api_down = 4;
  other.cpu_down_percent = 20;
  const auto at = [&](int api, int workers, const Seen& seen) {
    ScaleHistory history;
    for (int second = 0; second < 300; second += 10)
      history.recent.push_back(
          {kStart + seconds(second), {api, workers}, seen.cpu, seen.queue_age, seen.latency, {}});
    return decide_scale(
               {kStart + seconds(300), {api, workers}, seen.cpu, seen.queue_age, seen.latency, {}},
               other, history)
        .sizes;
  };
  EXPECT_EQ(at(2, 1, kHot), (PlatformSizes{5, 1}));
  EXPECT_EQ(at(7, 1, kHot), (PlatformSizes{8, 1})) << "app_max_capacity";
  EXPECT_EQ(at(8, 1, kCalm), (PlatformSizes{4, 1}));
  EXPECT_EQ(at(4, 1, kCalm), (PlatformSizes{2, 1})) << "app_min_capacity";
  EXPECT_EQ(at(2, 1, kCalm), (PlatformSizes{2, 1}));
}

TEST(DecideScale, SaysWhy) {
  EXPECT_EQ(decide({2, 1}, {kHot, kHot}).reason, "CPU 90 %, p95 latency 100 ms");
  EXPECT_EQ(decide({2, 1}, {kLate, kLate}).reason, "executions wait for 30 s");
  EXPECT_EQ(decide({3, 1}, for_long(kCalm)).reason,
            "calm for 300 s: CPU 5 %, p95 latency 20 ms, executions wait for 0 s");
}

ScaleObservation hot_at(int second, std::string paused_by = {}, PlatformSizes sizes = {2, 1}) {
  return {kStart + seconds(second), sizes, 90, 0, 100, std::move(paused_by)};
}

TEST(DecideScale, AnOperationUnderWayPausesItAndWhatWasSeenMeanwhileIsForgotten) {
  ScaleHistory history;
  remember(history, hot_at(0), settings());
  const ScaleDecision paused = decide_scale(hot_at(10, "deploy"), settings(), history);
  EXPECT_EQ(paused.sizes, (PlatformSizes{2, 1}));
  EXPECT_EQ(paused.reason, "paused: deploy is under way");
  remember(history, hot_at(10, "deploy"), settings());
  EXPECT_EQ(decide_scale(hot_at(20), settings(), history).sizes, (PlatformSizes{2, 1}));
  remember(history, hot_at(20), settings());
  EXPECT_EQ(decide_scale(hot_at(30), settings(), history).sizes, (PlatformSizes{4, 1}));
}

TEST(DecideScale, SizesThatChangedByWhomeverStartTheCoolDown) {
  ScaleHistory history;
  remember(history, hot_at(0), settings());
  remember(history, hot_at(10, {}, {4, 1}), settings());
  remember(history, hot_at(20, {}, {4, 1}), settings());
  EXPECT_EQ(decide_scale(hot_at(30, {}, {4, 1}), settings(), history).sizes, (PlatformSizes{4, 1}));
  EXPECT_EQ(decide_scale(hot_at(70, {}, {4, 1}), settings(), history).sizes, (PlatformSizes{6, 1}));
}

TEST(DecideScale, WhatIsRememberedIsBounded) {
  ScaleHistory history;
  for (int second = 0; second < 10'000; second += 10) remember(history, hot_at(second), settings());
  EXPECT_LE(history.recent.size(), 32u);
  EXPECT_GE(history.recent.back().at - history.recent.front().at, seconds(300));
}

TEST(ScaleSettings, ComeFromTheEnvironmentFile) {
  const ScaleSettings made = scale_settings(EnvironmentFile::defaults("development"));
  EXPECT_EQ(made.cpu_up_percent, 70);
  EXPECT_EQ(made.cpu_down_percent, 30);
  EXPECT_EQ(made.api_up, 2);
  EXPECT_EQ(made.api_down, 1);
  EXPECT_EQ(made.queue_age_s, 10);
  EXPECT_EQ(made.latency_ms, 500);
  EXPECT_EQ(made.interval, seconds(10));
  EXPECT_EQ(made.up_cooldown, seconds(60));
  EXPECT_EQ(made.down_cooldown, seconds(300));
}

}  // namespace
}  // namespace auterity::operations
