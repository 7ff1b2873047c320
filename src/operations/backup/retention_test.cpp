#include "operations/backup/retention.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <set>

namespace auterity::operations::backup {
namespace {

using namespace std::chrono_literals;

Time at(std::string_view text) { return *parse_rfc3339(text); }

Uuid id_of(std::uint64_t number) {
  Uuid id;
  for (std::size_t i = 0; i < 8; ++i)
    id.bytes[15 - i] = static_cast<std::uint8_t>(number >> (8 * i));
  return id;
}

RetentionEntry entry(std::uint64_t number, Time taken_at, bool proven = true,
                     BackupKind kind = BackupKind::database) {
  return {.id = id_of(number),
          .kind = kind,
          .taken_at = taken_at,
          .proven = proven,
          .needs = {},
          .system_id = "7",
          .start = data::Lsn(number * 100)};
}

std::set<Uuid> kept_of(const RetentionPlan& plan) {
  std::set<Uuid> ids;
  for (const auto& kept : plan.kept) ids.insert(kept.id);
  return ids;
}

TEST(Retention, KeepsADailyAWeeklyAndAMonthlyOfEachPeriodThatHasOne) {
  RetentionSubject subject;
  for (int day = 0; day < 100; ++day)
    subject.entries.push_back(entry(static_cast<std::uint64_t>(day),
                                    at("2026-08-01T02:00:00Z") + std::chrono::days(day)));
  const auto plan = plan_retention({3, 2, 2, 1}, subject, true);
  ASSERT_TRUE(plan);
  // 2026-11-08 is the newest, a Sunday: three days, two weeks (8 and 1 November), two months.
  ASSERT_EQ(plan->kept.size(), 5u);
  EXPECT_EQ(plan->kept[0].id, id_of(99));
  EXPECT_EQ(plan->kept[0].reasons.back(), "monthly 2026-11-01");
  EXPECT_EQ(plan->kept[1].id, id_of(98));
  EXPECT_EQ(plan->kept[2].id, id_of(97));
  EXPECT_EQ(plan->kept[3].reasons, std::vector<std::string>{"weekly 2026-10-26"});
  EXPECT_EQ(plan->kept[4].reasons, std::vector<std::string>{"monthly 2026-10-01"});
  EXPECT_EQ(plan->removed.size(), 95u);
  EXPECT_EQ(plan->removed.front(), id_of(0));
  // The log begins with the oldest base that stays.
  EXPECT_EQ(plan->log_needed_from.at("7"), subject.entries[91].start);
}

// As the catalogue has them: by their stamps, whose end is that of the id.
TEST(Retention, OfOneSecondTheOneWithTheGreaterStampIsNewer) {
  const Time taken_at = at("2026-11-24T02:00:00Z");
  std::vector<RetentionEntry> entries{entry(2, taken_at, false), entry(1, taken_at, false)};
  entries[1].id.bytes[0] = 1;
  const auto plan = plan_retention({1, 0, 0, 1}, {entries, 0, {}}, false);
  ASSERT_TRUE(plan);
  EXPECT_EQ(kept_of(*plan), std::set<Uuid>{id_of(2)});
}

TEST(Retention, APeriodKeepsItsProvenBackupRatherThanALaterUnprovenOne) {
  const Time morning = at("2026-11-24T02:00:00Z");
  RetentionSubject subject{{entry(1, morning), entry(2, morning + 8h, false),
                            entry(3, morning + 24h), entry(4, morning + 25h)},
                           0,
                           {}};
  const auto plan = plan_retention({2, 0, 0, 1}, subject, false);
  ASSERT_TRUE(plan);
  EXPECT_EQ(kept_of(*plan), (std::set<Uuid>{id_of(1), id_of(4)}));
}

TEST(Retention, TheLastProvenStaysHoweverOldAndBehindHoweverManyUnproven) {
  RetentionSubject subject{{entry(1, at("2020-01-01T00:00:00Z"))}, 0, {}};
  for (std::uint64_t i = 0; i < 30; ++i)
    subject.entries.push_back(
        entry(10 + i, at("2026-11-01T00:00:00Z") + std::chrono::days(i), false));
  const auto plan = plan_retention({2, 0, 0, 1}, subject, true);
  ASSERT_TRUE(plan);
  EXPECT_TRUE(kept_of(*plan).contains(id_of(1)));
}

TEST(Retention, WhenBackupsStopNothingExpires) {
  RetentionSubject subject;
  for (std::uint64_t i = 0; i < 7; ++i)
    subject.entries.push_back(entry(i, at("2020-01-01T00:00:00Z") + std::chrono::days(i)));
  const auto plan = plan_retention({7, 4, 12, 3}, subject, false);
  ASSERT_TRUE(plan);
  EXPECT_TRUE(plan->removed.empty());
}

TEST(Retention, WhatAKeptBackupNeedsStaysThroughEveryLink) {
  const Time first = at("2026-11-20T00:00:00Z");
  RetentionSubject subject{{entry(1, first), entry(2, first + 1h), entry(3, first + 2h)}, 0, {}};
  subject.entries[2].needs = {id_of(2)};
  subject.entries[1].needs = {id_of(1)};
  const auto plan = plan_retention({1, 0, 0, 1}, subject, false);
  ASSERT_TRUE(plan);
  EXPECT_TRUE(plan->removed.empty());
  EXPECT_EQ(plan->kept[2].reasons.front(), "needed by " + to_text(id_of(2)));
}

TEST(Retention, AYoungBackupOfOneLineNeverPushesOutOneOfAnother) {
  const Time first = at("2026-11-20T00:00:00Z");
  RetentionSubject subject{{entry(1, first), entry(2, first + 1h, true, BackupKind::data),
                            entry(3, first + 2h, true, BackupKind::logical)},
                           0,
                           {}};
  const auto plan = plan_retention({1, 0, 0, 1}, subject, false);
  ASSERT_TRUE(plan);
  EXPECT_TRUE(plan->removed.empty());
}

TEST(Retention, TheRunningReleaseKeepsWhatItCanGoBackTo) {
  const Time first = at("2026-11-20T00:00:00Z");
  RetentionSubject subject{
      {entry(1, first), entry(2, first + 1h), entry(3, first + 2h), entry(4, first + 3h)},
      0,
      first + 90min};
  const auto plan = plan_retention({1, 0, 0, 1}, subject, false);
  ASSERT_TRUE(plan);
  EXPECT_EQ(kept_of(*plan), (std::set<Uuid>{id_of(2), id_of(4)}));
}

TEST(Retention, RefusesAPolicyThatKeepsNothing) {
  EXPECT_EQ(plan_retention({0, 0, 0, 3}, {}, true).error().kind, ErrorKind::invalid_input);
  EXPECT_EQ(plan_retention({1, 1, 1, 0}, {}, true).error().kind, ErrorKind::invalid_input);
}

TEST(Retention, RemovingMostHasToBeAskedForInSoManyWords) {
  RetentionSubject subject;
  for (std::uint64_t i = 0; i < 10; ++i)
    subject.entries.push_back(entry(i, at("2026-11-24T00:00:00Z") + std::chrono::minutes(i)));
  const auto refused = plan_retention({1, 0, 0, 1}, subject, false);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message, "9 of 10 backups would be removed, more than half");
  EXPECT_EQ(plan_retention({1, 0, 0, 1}, subject, true)->removed.size(), 9u);
  // The newest five: half exactly is no mass deletion.
  EXPECT_TRUE(plan_retention({1, 0, 0, 5}, subject, false));
}

TEST(Retention, WhileAManifestCannotBeReadNoneOfTheLogGoes) {
  RetentionSubject subject{{entry(1, at("2026-11-24T00:00:00Z"))}, 1, {}};
  EXPECT_TRUE(plan_retention({1, 0, 0, 1}, subject, false)->log_needed_from.empty());
}

// What must hold of every plan, judged without looking at how plans are made.
struct RandomHistory {
  explicit RandomHistory(std::uint64_t seed) : random(seed) {
    const std::uint64_t count = random.below(16);
    const Time origin = at("2026-01-01T00:00:00Z");
    for (std::uint64_t i = 0; i < count; ++i) {
      auto made = entry(i, origin + std::chrono::hours(random.below(24 * 500)),
                        random.below(3) == 0, static_cast<BackupKind>(random.below(4)));
      made.start = data::Lsn(random.below(1000));
      for (std::uint64_t links = random.below(3); i > 0 && links > 0; --links)
        made.needs.push_back(id_of(random.below(i)));
      subject.entries.push_back(made);
    }
    subject.unreadable = random.below(4) == 0 ? random.below(3) : 0;
    if (random.below(2) == 0)
      subject.release_since = origin + std::chrono::hours(random.below(24 * 500));
    policy = {static_cast<int>(random.below(4)), static_cast<int>(random.below(4)),
              static_cast<int>(random.below(4)), static_cast<int>(1 + random.below(4))};
    may_remove_most = random.below(2) == 0;
  }

  SeededRandom random;
  RetentionSubject subject;
  RetentionPolicy policy;
  bool may_remove_most = false;
};

bool in_line(BackupKind kind, int line) {
  constexpr std::array<std::array<bool, 4>, 3> kLines{
      {{true, false, true, false}, {false, true, true, false}, {false, false, false, true}}};
  return kLines[static_cast<std::size_t>(line)][static_cast<std::size_t>(kind)];
}

std::string broken_promise(const RandomHistory& history, const RetentionPlan& plan) {
  std::array<bool, 16> kept{};
  for (const auto& one : plan.kept) kept.at(one.id.bytes[15]) = true;
  const auto stays = [&](const Uuid& id) { return kept[id.bytes[15]]; };
  const auto& entries = history.subject.entries;
  if (plan.kept.size() + plan.removed.size() != entries.size()) return "a backup is in no list";
  for (const Uuid& id : plan.removed)
    if (stays(id)) return "a backup is in both lists";
  for (int line = 0; line < 3; ++line) {
    std::size_t staying = 0;
    std::size_t there = 0;
    const RetentionEntry* proven = nullptr;
    const RetentionEntry* newest = nullptr;
    for (const auto& one : entries) {
      if (!in_line(one.kind, line)) continue;
      ++there;
      staying += stays(one.id) ? 1 : 0;
      if (newest == nullptr || one.taken_at >= newest->taken_at) newest = &one;
      if (one.proven && (proven == nullptr || one.taken_at >= proven->taken_at)) proven = &one;
    }
    if (proven != nullptr && !stays(proven->id)) return "the last proven one goes";
    if (newest != nullptr && !stays(newest->id)) return "the newest one goes";
    if (staying < std::min(there, static_cast<std::size_t>(history.policy.keep_minimum)))
      return "fewer than the minimum stay";
  }
  for (const auto& one : entries) {
    if (!stays(one.id)) continue;
    for (const Uuid& needed : one.needs)
      if (!stays(needed)) return "a needed one goes";
    const auto log = plan.log_needed_from.find(one.system_id);
    const bool has_base = one.kind == BackupKind::database || one.kind == BackupKind::all;
    if (has_base && log != plan.log_needed_from.end() && one.start < log->second)
      return "a kept base loses its log";
  }
  if (history.subject.unreadable > 0 && !plan.log_needed_from.empty())
    return "the log goes though a manifest is unreadable";
  if (!history.may_remove_most &&
      plan.removed.size() * 2 > entries.size() + history.subject.unreadable)
    return "most are removed without being asked for";
  return "";
}

TEST(Retention, OfAHundredThousandRandomHistoriesNoneLosesWhatIsProvenOrNeeded) {
  std::size_t plans = 0;
  std::size_t removed = 0;
  for (std::uint64_t seed = 0; seed < 100'000; ++seed) {
    const RandomHistory history(seed);
    const auto plan = plan_retention(history.policy, history.subject, history.may_remove_most);
    if (!plan) continue;
    ++plans;
    removed += plan->removed.size();
    ASSERT_EQ(broken_promise(history, *plan), "") << "seed " << seed;
  }
  // The histories do have something to remove.
  EXPECT_GT(plans, 80'000u);
  EXPECT_GT(removed, 100'000u);
}

}  // namespace
}  // namespace auterity::operations::backup
