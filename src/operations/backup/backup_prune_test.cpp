#include "operations/backup/backup_prune.h"

#include <gtest/gtest.h>

#include "harness/event_loop.h"
#include "harness/memory_object_store.h"
#include "operations/backup/base_backup_objects.h"
#include "operations/backup/stored_backups.h"

namespace auterity::operations::backup {
namespace {

using namespace std::chrono_literals;

Time at(std::string_view text) { return *parse_rfc3339(text); }

CatalogueEntry entry(int hour, bool readable = true) {
  BackupManifest manifest;
  manifest.id = *parse_uuid("019372a0-0000-7abc-8def-0000000010" + std::to_string(10 + hour));
  manifest.environment = "staging";
  manifest.taken_at = at("2026-11-24T00:00:00Z") + std::chrono::hours(hour);
  manifest.objects = {{"database/x", "", 2048, 1024}};
  CatalogueEntry made{.name = {BackupKind::database, stamp_of(manifest), manifest.taken_at}};
  if (readable)
    made.manifest = manifest;
  else
    made.damage = "the manifest was cut short";
  return made;
}

TEST(BackupPrune, PlansOldestFirstAndSaysWhatGoes) {
  const auto plan = plan_prune({1, 0, 0, 1}, {entry(2), entry(1), entry(0)}, {}, std::nullopt,
                               at("2026-11-24T03:00:00Z"), true);
  ASSERT_TRUE(plan);
  EXPECT_EQ(to_text(steps_of(*plan, "staging")),
            "plan: backup-prune of environment staging\n"
            "   1. remove-20261124T000000Z-000000001010  remove database backup "
            "20261124T000000Z-000000001010 of 2026-11-24T00:00:00Z (1.0 KiB, unproven) (cannot be "
            "undone)\n"
            "   2. remove-20261124T010000Z-000000001011  remove database backup "
            "20261124T010000Z-000000001011 of 2026-11-24T01:00:00Z (1.0 KiB, unproven) (cannot be "
            "undone)\n"
            "   3. publish                               tell status, check and the API which "
            "backups there are\n");
}

TEST(BackupPrune, NothingToRemoveIsAnEmptyPlan) {
  const auto plan =
      plan_prune({1, 0, 0, 1}, {entry(2)}, {}, std::nullopt, at("2026-11-24T03:00:00Z"), false);
  ASSERT_TRUE(plan);
  EXPECT_TRUE(steps_of(*plan, "staging").steps.empty());
}

TEST(BackupPrune, WhatCannotBeReadStaysAndIsNamed) {
  const auto plan = plan_prune({1, 0, 0, 1}, {entry(2), entry(1, false), entry(0)}, {},
                               std::nullopt, at("2026-11-24T03:00:00Z"), false);
  ASSERT_TRUE(plan);
  ASSERT_EQ(plan->removed.size(), 1u);
  EXPECT_EQ(plan->removed[0].name.stamp, entry(0).name.stamp);
  EXPECT_EQ(plan->unreadable,
            std::vector<std::string>{entry(1).name.stamp + ": the manifest was cut short"});
}

TEST(BackupPrune, LeftoversGoOnceTheyAreADayOldAndDamagedBackupsAreNone) {
  const StoredObjects stored{{entry(0, false).name.stamp, "20261124T050000Z-00000000aaaa",
                              "20261124T070000Z-00000000bbbb"},
                             {}};
  const auto plan = plan_prune({1, 0, 0, 1}, {entry(0, false)}, stored, std::nullopt,
                               at("2026-11-25T06:00:00Z"), false);
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->leftovers, std::vector<std::string>{"20261124T050000Z-00000000aaaa"});
}

TEST(BackupPrune, TheLogGoesAsFarAsNoKeptBackupNeedsIt) {
  std::vector<CatalogueEntry> entries{entry(2), entry(1)};
  for (CatalogueEntry& made : entries)
    made.manifest->database = DatabasePart{.system_id = "77", .start = data::Lsn(0x5000028)};
  entries[1].manifest->database->start = data::Lsn(0x3000028);
  const StoredObjects stored{
      {},
      {"wal/77/00000001/000000010000000000000002", "wal/77/00000001/000000010000000000000003",
       "wal/77/00000001/000000010000000000000004.00000000-00001000",
       "wal/77/00000001/000000010000000000000005", "wal/77/00000002.history",
       "wal/88/00000001/000000010000000000000001", "wal/notes"}};
  const auto plan = [&](int keep) {
    return *plan_prune({1, 0, 0, keep}, entries, stored, std::nullopt, at("2026-11-24T03:00:00Z"),
                       false);
  };
  EXPECT_EQ(plan(2).log_keys, std::vector<std::string>{stored.log_keys[0]});
  EXPECT_EQ(plan(1).log_keys,
            (std::vector<std::string>{stored.log_keys.begin(), stored.log_keys.begin() + 3}));
  EXPECT_NE(to_text(steps_of(plan(1), "staging"))
                .find("log                                   remove 3 objects of the archived log "
                      "that no backup needs (cannot be undone)"),
            std::string::npos)
      << to_text(steps_of(plan(1), "staging"));
  entries.push_back(entry(0, false));
  EXPECT_TRUE(plan(1).log_keys.empty()) << "a damaged backup may need any of it";
}

TEST(StoredBackups, AreFoundAndRemovedByTheirStamp) {
  harness::EventLoop loop;
  harness::MemoryObjectStore store;
  const std::string one = "20261124T050000Z-00000000aaaa";
  const std::string other = "20261124T050000Z-00000000bbbb";
  for (const std::string& key :
       {database_prefix("staging", one) + ".base.tar.zst",
        database_prefix("staging", one) + ".wal.000000010000000000000003",
        data_prefix("staging", one) + ".inventory.json",
        database_prefix("staging", other) + ".base.tar.zst", std::string("database/notes"),
        std::string("application-data/uploads/ab12")})
    store.objects()[key] = "x";
  EXPECT_EQ(*loop.run(stored_stamps(store)), (std::set<std::string>{one, other}));
  EXPECT_EQ(loop.run(objects_of(store, "staging", one))->size(), 3u);
  ASSERT_TRUE(loop.run(remove_objects(store, "staging", one)));
  EXPECT_EQ(*loop.run(stored_stamps(store)), std::set<std::string>{other});
  EXPECT_EQ(store.objects().size(), 3u);
}

TEST(BaseBackupObjects, TheServersManifestTellsTheSizeOfTheFiles) {
  EXPECT_EQ(file_bytes(R"({"Files":[{"Path":"a","Size":3},{"Path":"b","Size":4}]})"), 7u);
  EXPECT_FALSE(file_bytes(R"({"Files":[{"Path":"a"}]})"));
  EXPECT_FALSE(file_bytes("{}"));
}

}  // namespace
}  // namespace auterity::operations::backup
