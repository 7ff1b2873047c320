#include "operations/backup/manifest.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "core/digest.h"

namespace auterity::operations::backup {
namespace {

DocumentSeal seal_of(std::uint8_t fill) {
  std::array<std::uint8_t, 32> key{};
  key.fill(fill);
  return {key, "key" + std::to_string(fill)};
}

BackupManifest example() {
  return {.id = *parse_uuid("019372a0-0000-7abc-8def-0123456789ab"),
          .kind = BackupKind::all,
          .environment = "staging",
          .taken_at = *parse_rfc3339("2026-11-24T10:30:00Z"),
          .finished_at = *parse_rfc3339("2026-11-24T10:31:07.25Z"),
          .release = "1.4.0",
          .objects = {{"database/a", sha256_hex("a"), 1000, 300}, {"b", sha256_hex("b"), 10, 7}},
          .database = DatabasePart{.database = "auterity",
                                   .postgresql_version = "15.8",
                                   .system_id = "7440000000000000001",
                                   .timeline = 1,
                                   .start = data::Lsn(0x2000028),
                                   .end = data::Lsn(0x2000100),
                                   .proof = data::Lsn(0x16B374D848),
                                   .restore_point = "backup-1",
                                   .schema_revision = 6,
                                   .rows = {{"files", 0}, {"users", 3}}},
          .data = DataPart{.inventory = "application-data/i",
                           .uploads = 2,
                           .upload_bytes = 20,
                           .new_uploads = 1,
                           .settings = 4,
                           .log_files = 9},
          .needs = {*parse_uuid("019372a0-0000-7abc-8def-000000000000")},
          .durations_ms = {{"base", 900}}};
}

std::string refusal(const std::string& text, std::uint8_t key = 1,
                    const std::string& environment = "staging") {
  const auto manifest = parse_manifest(text, environment, seal_of(key));
  return manifest ? "" : manifest.error().message;
}

TEST(BackupManifest, ComesBackAsItWasWritten) {
  const auto read = parse_manifest(to_text(example(), seal_of(1)), "staging", seal_of(1));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(*read, example());
  EXPECT_EQ(read->size(), 1030u) << "with the uploads";
  EXPECT_EQ(read->stored_size(), 307u);
}

TEST(BackupManifest, BeginsWithTheGuidesMembers) {
  const auto value = parse_json(to_text(example(), seal_of(1)));
  ASSERT_TRUE(value);
  const JsonObject& object = value->get_object();
  EXPECT_EQ(object.begin()->key(), "timestamp");
  EXPECT_EQ(object.at("timestamp"), "20261124T103000Z-0123456789ab");
  EXPECT_EQ(object.at("database"), "auterity");
  EXPECT_EQ(object.at("backup_file"), "database/a");
  EXPECT_EQ(object.at("backup_size").as_int64(), 307);
  EXPECT_EQ(object.at("backup_type"), "incremental");
}

TEST(BackupManifest, AnyFlippedBitIsFound) {
  const std::string text = to_text(example(), seal_of(1));
  for (std::size_t at = 0; at < text.size(); ++at)
    for (const int bit : {0, 5, 7}) {
      std::string damaged = text;
      damaged[at] = static_cast<char>(damaged[at] ^ (1 << bit));
      ASSERT_NE(refusal(damaged), "") << "byte " << at << ", bit " << bit;
    }
}

TEST(BackupManifest, ATruncationAtAnyByteIsSaidToBeOne) {
  const std::string text = to_text(example(), seal_of(1));
  for (std::size_t size = 0; size < text.size(); ++size)
    ASSERT_TRUE(refusal(text.substr(0, size)).starts_with("the manifest was cut short"))
        << size << ": " << refusal(text.substr(0, size));
}

TEST(BackupManifest, EachKindOfWrongManifestIsToldApart) {
  const std::string text = to_text(example(), seal_of(1));
  EXPECT_EQ(refusal(text, 2), "the manifest was sealed with backup key key1, and this is key key2");
  EXPECT_EQ(refusal(text, 1, "production"),
            "the manifest belongs to environment staging, not to production");
  std::string damaged = text;
  damaged.replace(damaged.find("\"users\": 3"), 10, "\"users\": 4");
  EXPECT_EQ(refusal(damaged), "the manifest was altered: its checksum is wrong");
  EXPECT_EQ(refusal("{\n}\n"), "the manifest was altered: its content is missing");
  EXPECT_EQ(refusal(text + "}\n"), "the manifest was altered: it is no JSON object");
  damaged = text;
  damaged.replace(damaged.find("\"format\": 1"), 11, "\"format\": 2");
  EXPECT_EQ(refusal(damaged), "the manifest has format 2, which this program does not know");
  damaged = text;
  damaged.replace(damaged.find("20261124T"), 9, "20251124T");
  EXPECT_EQ(refusal(damaged), "the manifest was altered: its first lines say something else");
}

// Whoever lacks the key cannot make a manifest, however well he counts.
TEST(BackupManifest, AForgedManifestWithARightChecksumIsRefused) {
  const DocumentSeal ours = seal_of(1);
  std::array<std::uint8_t, 32> other_key{};
  const DocumentSeal theirs(other_key, ours.key_id());
  EXPECT_EQ(refusal(to_text(example(), theirs)),
            "the manifest was altered: its seal is not that of this key");
}

TEST(BackupManifest, APartThatIsMissingOrUnknownIsNamed) {
  const DocumentSeal seal = seal_of(1);
  const auto changed = [&](auto change) {
    auto body = open_document("manifest", to_text(example(), seal), seal);
    change(*body);
    return refusal(seal_document("manifest", {}, std::move(*body), seal));
  };
  EXPECT_EQ(changed([](JsonObject& body) { body.erase("taken_at"); }),
            "manifest.taken_at is missing");
  EXPECT_EQ(changed([](JsonObject& body) { body["more"] = 1; }), "manifest.more is not known here");
  EXPECT_EQ(changed([](JsonObject& body) { body["kind"] = "full"; }), "manifest.kind is not known");
  EXPECT_EQ(changed([](JsonObject& body) { body.erase("data"); }),
            "the manifest does not describe a backup of kind all");
  EXPECT_EQ(changed([](JsonObject& body) { body["database"].as_object()["end_lsn"] = "0/1"; }),
            "database.end_lsn lies before where the backup begins, or after its proof");
  EXPECT_EQ(
      changed([](JsonObject& body) { body["objects"].as_array()[0].as_object()["size"] = -1; }),
      "objects.size is no whole number from 0");
}

TEST(BackupManifest, NamesAreThoseOfTheGuideAndReadBack) {
  const std::string stamp = stamp_of(example());
  EXPECT_EQ(manifest_key(BackupKind::database, stamp),
            "metadata/database-20261124T103000Z-0123456789ab.json");
  EXPECT_EQ(database_prefix("staging", stamp),
            "database/auterity-db-staging-20261124T103000Z-0123456789ab");
  const auto name = parse_manifest_key(manifest_key(BackupKind::all, stamp));
  ASSERT_TRUE(name);
  EXPECT_EQ(name->kind, BackupKind::all);
  EXPECT_EQ(name->stamp, stamp);
  EXPECT_EQ(name->taken_at, example().taken_at);
  for (const std::string& key :
       {proof_key(BackupKind::all, stamp),
        std::string("metadata/all-20261324T103000Z-0123456789ab.json"),
        std::string("metadata/database-20250808_120000.json"), std::string("metadata/x.json"),
        std::string("database/all-20261124T103000Z-0123456789ab.json")})
    EXPECT_FALSE(parse_manifest_key(key)) << key;
}

Verification proof(const std::string& manifest_text) {
  return {.backup = example().id,
          .manifest_sha256 = sha256_hex(manifest_text),
          .at = *parse_rfc3339("2026-11-24T11:00:00Z"),
          .passed = true,
          .restore_ms = 5120,
          .release = "1.4.0",
          .checks = {{"rows", "pass", "12 tables agree"}}};
}

TEST(BackupVerification, IsAboutOneManifestAndNoOther) {
  const DocumentSeal seal = seal_of(1);
  const std::string manifest = to_text(example(), seal);
  const std::string text = to_text(proof(manifest), seal);
  const auto read = parse_verification(text, manifest, seal);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(*read, proof(manifest));
  EXPECT_EQ(parse_verification(text, manifest + " ", seal).error().message,
            "the record of verification is about another manifest");
  for (std::size_t at = 0; at < text.size(); ++at) {
    std::string damaged = text;
    damaged[at] = static_cast<char>(damaged[at] ^ 1);
    ASSERT_FALSE(parse_verification(damaged, manifest, seal)) << "byte " << at;
  }
}

// A sealed document of one kind is none of another.
TEST(BackupVerification, AManifestDoesNotPassForOne) {
  const DocumentSeal seal = seal_of(1);
  const std::string manifest = to_text(example(), seal);
  EXPECT_FALSE(parse_verification(manifest, manifest, seal));
}

}  // namespace
}  // namespace auterity::operations::backup
