#include "operations/backup/catalogue.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "core/digest.h"
#include "harness/event_loop.h"
#include "harness/memory_object_store.h"

namespace auterity::operations::backup {
namespace {

using namespace std::chrono_literals;

DocumentSeal seal_of(std::uint8_t fill) {
  std::array<std::uint8_t, 32> key{};
  key.fill(fill);
  return {key, "key" + std::to_string(fill)};
}

class BackupCatalogue : public ::testing::Test {
 protected:
  // Backups an hour apart.
  BackupManifest make(int number, BackupKind kind = BackupKind::database) {
    BackupManifest manifest;
    manifest.id = *parse_uuid(fmt_id(number));
    manifest.kind = kind;
    manifest.environment = "staging";
    manifest.taken_at = *parse_rfc3339("2026-11-24T00:00:00Z") + std::chrono::hours(number);
    manifest.finished_at = manifest.taken_at + 10min;
    manifest.objects = {{"database/x", sha256_hex("x"), 10, 4}};
    if (kind == BackupKind::data || kind == BackupKind::all) manifest.data = DataPart{};
    if (kind != BackupKind::data)
      manifest.database = DatabasePart{.database = "auterity", .schema_revision = 6};
    return manifest;
  }
  static std::string fmt_id(int number) {
    std::string id = "019372a0-0000-7abc-8def-000000000000";
    id.replace(id.size() - 4, 4, std::to_string(1000 + number));
    return id;
  }
  BackupManifest add(int number, BackupKind kind = BackupKind::database) {
    BackupManifest manifest = make(number, kind);
    EXPECT_TRUE(loop_.run(catalogue_.add(manifest)));
    return manifest;
  }
  void prove(const BackupManifest& manifest, bool passed = true) {
    const ManifestName name{manifest.kind, stamp_of(manifest), manifest.taken_at};
    const Verification record{.backup = manifest.id,
                              .manifest_sha256 = sha256_hex(text_of(manifest)),
                              .at = manifest.finished_at + 1h,
                              .passed = passed,
                              .restore_ms = 1,
                              .release = "1",
                              .checks = {}};
    ASSERT_TRUE(loop_.run(catalogue_.add(record, name)));
  }
  std::string& text_of(const BackupManifest& manifest) {
    return store_.objects()[manifest_key(manifest.kind, stamp_of(manifest))];
  }
  std::string states() {
    std::string text;
    const auto entries = loop_.run(catalogue_.all());
    for (const auto& entry : *entries) text += std::string(entry.state()) + " ";
    return text;
  }

  harness::EventLoop loop_;
  harness::MemoryObjectStore store_;
  Catalogue catalogue_{store_, "staging", seal_of(1), "/backups/staging"};
};

TEST_F(BackupCatalogue, ListsTheNewestFirstPageByPage) {
  for (int i = 0; i < 5; ++i) add(i);
  store_.objects()["metadata/notes.txt"] = "not ours";
  auto page = loop_.run(catalogue_.list("", 2));
  ASSERT_EQ(page->entries.size(), 2u);
  EXPECT_EQ(to_text(page->entries[0].manifest->id), fmt_id(4));
  EXPECT_EQ(to_text(page->entries[1].manifest->id), fmt_id(3));
  page = loop_.run(catalogue_.list(page->next, 10));
  ASSERT_EQ(page->entries.size(), 3u);
  EXPECT_EQ(to_text(page->entries[2].manifest->id), fmt_id(0));
  EXPECT_EQ(page->next, "");
}

TEST_F(BackupCatalogue, WhatWasNotRestoredIsUnprovenAndTheLastVerificationDecides) {
  const auto first = add(0);
  const auto second = add(1);
  add(2);
  prove(first);
  prove(second);
  EXPECT_EQ(states(), "unproven proven proven ");
  prove(second, false);
  EXPECT_EQ(states(), "unproven refuted proven ");
}

TEST_F(BackupCatalogue, ADamagedManifestIsAnEntryAndHidesNoOther) {
  const auto first = add(0);
  const auto second = add(1);
  const auto third = add(2);
  text_of(second).pop_back();
  const auto entries = loop_.run(catalogue_.all());
  ASSERT_EQ(entries->size(), 3u);
  EXPECT_EQ(states(), "unproven damaged unproven ");
  EXPECT_TRUE((*entries)[1].damage.starts_with("the manifest was cut short"));
  const JsonObject row = catalogue_.to_json((*entries)[1]);
  EXPECT_TRUE(row.at("id").is_null());
  EXPECT_EQ(row.at("taken_at"), "2026-11-24T01:00:00Z");
  EXPECT_EQ(row.at("state"), "damaged");
}

TEST_F(BackupCatalogue, AManifestUnderAnotherNameIsDamage) {
  const auto first = add(0);
  store_.objects()[manifest_key(BackupKind::database, stamp_of(make(1)))] = text_of(first);
  const auto entry = loop_.run(catalogue_.find("latest"));
  EXPECT_EQ(entry->damage, "the manifest is that of " + stamp_of(first));
}

TEST_F(BackupCatalogue, ADamagedRecordOfVerificationProvesNothing) {
  const auto first = add(0);
  prove(first);
  auto& record = store_.objects()[proof_key(first.kind, stamp_of(first))];
  record[record.find("true")] = 'T';
  EXPECT_EQ(states(), "unproven ");
  EXPECT_NE(loop_.run(catalogue_.find("latest"))->damage, "");
}

TEST_F(BackupCatalogue, FindsByIdStampTailAndLatest) {
  const auto first = add(0);
  add(1);
  for (const std::string& wanted :
       {fmt_id(0), stamp_of(first), std::string("1000"), std::string("00001000")}) {
    const auto entry = loop_.run(catalogue_.find(wanted));
    ASSERT_TRUE(entry) << wanted;
    EXPECT_EQ(entry->manifest->id, first.id) << wanted;
  }
  EXPECT_EQ(to_text(loop_.run(catalogue_.find("latest"))->manifest->id), fmt_id(1));
  EXPECT_EQ(loop_.run(catalogue_.find("9999")).error().kind, ErrorKind::not_found);
  EXPECT_EQ(loop_.run(catalogue_.find("000")).error().kind, ErrorKind::not_found);
  std::string other = fmt_id(0);
  other[0] = '1';
  EXPECT_EQ(loop_.run(catalogue_.find(other)).error().kind, ErrorKind::not_found);
  add(1000);  // "2000"
  EXPECT_EQ(loop_.run(catalogue_.find("latest"))->manifest->id, make(1000).id);
}

TEST_F(BackupCatalogue, AnAmbiguousTailIsRefused) {
  add(0);
  auto twin = make(1);
  twin.id = *parse_uuid("019372a0-0000-7abc-8def-100000001000");
  ASSERT_TRUE(loop_.run(catalogue_.add(twin)));
  EXPECT_EQ(loop_.run(catalogue_.find("1000")).error().kind, ErrorKind::conflict);
}

TEST_F(BackupCatalogue, TheLatestProvenBeforeATimeIsOneThatWasWholeBefore) {
  prove(add(0));
  prove(add(1, BackupKind::all));
  prove(add(2, BackupKind::data));
  add(3);
  const auto latest = [&](std::optional<Time> limit) {
    const auto entry = loop_.run(catalogue_.find_latest_proven(limit));
    return *entry ? to_text((*entry)->manifest->id) : std::string();
  };
  EXPECT_EQ(latest(std::nullopt), fmt_id(1));
  EXPECT_EQ(latest(make(1).finished_at), fmt_id(1));
  EXPECT_EQ(latest(make(1).finished_at - 1s), fmt_id(0));
  EXPECT_EQ(latest(make(0).taken_at), "");
}

TEST_F(BackupCatalogue, AManifestIsNeverWrittenTwice) {
  const auto first = add(0);
  EXPECT_EQ(loop_.run(catalogue_.add(first)).error().kind, ErrorKind::conflict);
}

TEST_F(BackupCatalogue, AnEmptyLocationSaysHowToTakeTheFirst) {
  const auto entry = loop_.run(catalogue_.find("latest"));
  EXPECT_EQ(entry.error().kind, ErrorKind::not_found);
  EXPECT_EQ(entry.error().hint, "take one: auterity backup all");
}

}  // namespace
}  // namespace auterity::operations::backup
