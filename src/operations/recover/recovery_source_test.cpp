#include "operations/recover/recovery_source.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace auterity::operations {
namespace {

using backup::BackupKind;
using backup::CatalogueEntry;
using namespace std::chrono_literals;

const Time kMidnight = *parse_rfc3339("2026-11-24T00:00:00Z");
const Time kNow = kMidnight + 12h;

// Taken at that hour of the day, finished ten minutes later.
CatalogueEntry entry(int hour, BackupKind kind = BackupKind::database) {
  backup::BackupManifest manifest{
      .id = *parse_uuid(fmt::format("019372a0-0000-7abc-8def-{:012}", hour)),
      .kind = kind,
      .environment = "staging",
      .taken_at = kMidnight + std::chrono::hours(hour)};
  manifest.finished_at = manifest.taken_at + 10min;
  if (kind != BackupKind::data) manifest.database = backup::DatabasePart{};
  if (kind == BackupKind::data || kind == BackupKind::all) manifest.data = backup::DataPart{};
  CatalogueEntry made;
  made.name = {kind, stamp_of(manifest), manifest.taken_at};
  made.manifest = std::move(manifest);
  return made;
}
CatalogueEntry verified(CatalogueEntry made, bool passed = true) {
  made.verification = backup::Verification{.passed = passed};
  return made;
}
CatalogueEntry damaged(int hour, ErrorKind kind, std::string why) {
  CatalogueEntry made = entry(hour);
  made.manifest.reset();
  made.damage_kind = kind;
  made.damage = std::move(why);
  return made;
}

Result<RecoverySource> choose(const std::vector<CatalogueEntry>& entries,
                              std::optional<Time> to = std::nullopt,
                              const std::optional<CatalogueEntry>& named = std::nullopt) {
  return choose_source(entries, named, {.to = to}, kNow, "staging", "/h/backups/staging");
}
int hour_of(const CatalogueEntry& chosen) {
  return static_cast<int>((chosen.manifest->taken_at - kMidnight) / 1h);
}
std::string text_of(const Error& error) { return error.message + " | " + error.hint; }

TEST(RecoverySource, LatestIsTheNewestProvenOne) {
  const auto chosen = choose({entry(9), verified(entry(8), false), verified(entry(7)),
                              verified(entry(6, BackupKind::all)), entry(5, BackupKind::data)});
  ASSERT_TRUE(chosen) << text_of(chosen.error());
  EXPECT_EQ(hour_of(chosen->database), 7);
  ASSERT_TRUE(chosen->files);
  EXPECT_EQ(hour_of(*chosen->files), 6);
}

TEST(RecoverySource, BeforeATimeOnlyWhatWasCompleteThen) {
  const std::vector<CatalogueEntry> entries{verified(entry(9)), verified(entry(7)),
                                            entry(8, BackupKind::data), entry(6, BackupKind::data)};
  const auto early = choose(entries, kMidnight + 9h + 5min);
  ASSERT_TRUE(early);
  EXPECT_EQ(hour_of(early->database), 7);
  const auto late = choose(entries, kMidnight + 9h + 10min);
  ASSERT_TRUE(late);
  EXPECT_EQ(hour_of(late->database), 9);
  EXPECT_EQ(hour_of(*late->files), 8);
  // The first after it, where none is before.
  const auto first = choose(
      {entry(9, BackupKind::data), entry(8, BackupKind::data), verified(entry(2))}, kMidnight + 3h);
  ASSERT_TRUE(first);
  EXPECT_EQ(hour_of(*first->files), 8);
}

TEST(RecoverySource, ATimeOutsideOfWhatThereIsIsRefusedWithTheRange) {
  const std::vector<CatalogueEntry> entries{verified(entry(9)), verified(entry(7)), entry(2)};
  const auto future = choose(entries, kNow + 1s);
  ASSERT_FALSE(future);
  EXPECT_EQ(future.error().kind, ErrorKind::invalid_input);
  EXPECT_EQ(text_of(future.error()),
            "2026-11-24T12:00:01Z has not come yet | choose a time from 2026-11-24T07:10:00Z to "
            "2026-11-24T12:00:00Z");
  const auto early = choose(entries, kMidnight + 7h);
  ASSERT_FALSE(early);
  EXPECT_EQ(early.error().kind, ErrorKind::invalid_input);
  EXPECT_EQ(text_of(early.error()),
            "no proven backup is as old as 2026-11-24T07:00:00Z | choose a time from "
            "2026-11-24T07:10:00Z to 2026-11-24T12:00:00Z");
}

TEST(RecoverySource, AnUnprovenOneIsTakenByNameAlone) {
  const std::vector<CatalogueEntry> entries{entry(9), verified(entry(8), false)};
  const auto latest = choose(entries);
  ASSERT_FALSE(latest);
  EXPECT_EQ(latest.error().kind, ErrorKind::not_ready);
  EXPECT_EQ(latest.error().hint,
            "take an unproven one by name: --backup 019372a0-0000-7abc-8def-000000000009");
  const auto named = choose(entries, std::nullopt, entries.front());
  ASSERT_TRUE(named);
  EXPECT_FALSE(named->database.is_proven());
  const auto refuted = choose(entries, std::nullopt, entries.back());
  ASSERT_FALSE(refuted);
  EXPECT_EQ(refuted.error().kind, ErrorKind::failed);
  const auto later = choose(entries, kMidnight + 9h, entries.front());
  ASSERT_FALSE(later);
  EXPECT_EQ(later.error().kind, ErrorKind::invalid_input);
  const auto files = choose(entries, std::nullopt, entry(3, BackupKind::data));
  ASSERT_FALSE(files);
  EXPECT_EQ(files.error().kind, ErrorKind::invalid_input);
}

TEST(RecoverySource, NoneAtAllAnotherKeyAndAnotherEnvironmentAreToldApart) {
  const auto none = choose({});
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().kind, ErrorKind::not_found);
  EXPECT_EQ(choose({entry(3, BackupKind::data)}).error().kind, ErrorKind::not_found);
  for (const ErrorKind kind : {ErrorKind::forbidden, ErrorKind::conflict, ErrorKind::failed}) {
    const auto unreadable = choose({damaged(9, kind, "sealed otherwise")});
    ASSERT_FALSE(unreadable);
    EXPECT_EQ(unreadable.error().kind, kind);
    EXPECT_EQ(unreadable.error().message,
              "no backup of environment staging can be used; the newest: sealed otherwise");
  }
}

}  // namespace
}  // namespace auterity::operations
