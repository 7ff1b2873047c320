// The text form of manifests and verifications.
#include <fmt/format.h>

#include <boost/json.hpp>

#include "core/digest.h"
#include "operations/backup/manifest.h"
#include "operations/backup/strict_members.h"

namespace auterity::operations::backup {
namespace {

constexpr std::string_view kManifest = "manifest";
constexpr std::string_view kVerification = "verification";

JsonObject to_json(const DatabasePart& part) {
  JsonObject rows;
  for (const auto& [table, count] : part.rows) rows[table] = count;
  return {{"database", part.database},
          {"postgresql_version", part.postgresql_version},
          {"system_id", part.system_id},
          {"timeline", part.timeline},
          {"start_lsn", part.start.text()},
          {"end_lsn", part.end.text()},
          {"proof_lsn", part.proof.text()},
          {"restore_point", part.restore_point},
          {"schema_revision", part.schema_revision},
          {"rows", std::move(rows)}};
}

JsonObject to_json(const DataPart& part) {
  return {{"inventory", part.inventory},       {"uploads", part.uploads},
          {"upload_bytes", part.upload_bytes}, {"new_uploads", part.new_uploads},
          {"settings", part.settings},         {"log_files", part.log_files}};
}

// The guide's own members, in its order; sizes as it has them, in bytes.
JsonObject guide_members(const BackupManifest& manifest) {
  return {{"timestamp", stamp_of(manifest)},
          {"environment", manifest.environment},
          {"database", manifest.database ? manifest.database->database : ""},
          {"backup_file", manifest.objects.empty() ? "" : manifest.objects.front().key},
          {"backup_size", manifest.stored_size()},
          {"backup_type", manifest.needs.empty() ? "full" : "incremental"}};
}

data::Lsn lsn_of(StrictMembers& members, std::string_view name) {
  const auto lsn = data::Lsn::parse(members.text(name));
  if (!lsn) members.refuse(name, "is no place in the log");
  return lsn.value_or(data::Lsn());
}

// A number for each name.
std::map<std::string, std::int64_t, std::less<>> numbers_of(StrictMembers& members,
                                                            std::string_view name) {
  std::map<std::string, std::int64_t, std::less<>> numbers;
  const JsonObject* object = members.object(name);
  if (object == nullptr) return numbers;
  for (const auto& member : *object) {
    if (!member.value().is_int64() || member.value().get_int64() < 0)
      members.refuse(name,
                     fmt::format("has no whole number for {}", std::string_view(member.key())));
    else
      numbers[std::string(member.key())] = member.value().get_int64();
  }
  return numbers;
}

Result<DatabasePart> database_part(const Json& value) {
  StrictMembers members(&value, "database");
  DatabasePart part{.database = members.text("database"),
                    .postgresql_version = members.text("postgresql_version"),
                    .system_id = members.text("system_id"),
                    .timeline = static_cast<std::uint32_t>(members.number("timeline")),
                    .start = lsn_of(members, "start_lsn"),
                    .end = lsn_of(members, "end_lsn"),
                    .proof = lsn_of(members, "proof_lsn"),
                    .restore_point = members.text("restore_point"),
                    .schema_revision = static_cast<int>(members.number("schema_revision")),
                    .rows = numbers_of(members, "rows")};
  if (part.end < part.start || (part.proof != data::Lsn() && part.proof < part.end))
    members.refuse("end_lsn", "lies before where the backup begins, or after its proof");
  AUTERITY_CHECK(members.end());
  return part;
}

Result<DataPart> data_part(const Json& value) {
  StrictMembers members(&value, "data");
  DataPart part{.inventory = members.text("inventory"),
                .uploads = members.number("uploads"),
                .upload_bytes = members.number("upload_bytes"),
                .new_uploads = members.number("new_uploads"),
                .settings = members.number("settings"),
                .log_files = members.number("log_files")};
  AUTERITY_CHECK(members.end());
  return part;
}

Result<BackupObject> object_of(const Json& value) {
  StrictMembers members(&value, "objects");
  BackupObject object{.key = members.text("key"),
                      .sha256 = members.sha256("sha256"),
                      .size = members.number("size"),
                      .stored_size = members.number("stored_size")};
  if (object.key.empty()) members.refuse("key", "is empty");
  AUTERITY_CHECK(members.end());
  return object;
}

BackupKind kind_of(StrictMembers& members) {
  const auto kind = parse_backup_kind(members.text("kind"));
  if (!kind) members.refuse("kind", "is not known");
  return kind.value_or(BackupKind::database);
}

// What a backup of that kind cannot be without.
Status check_parts(const BackupManifest& manifest) {
  const bool wants_database = manifest.kind != BackupKind::data;
  const bool wants_data = manifest.kind == BackupKind::data || manifest.kind == BackupKind::all;
  const bool whole = manifest.database.has_value() == wants_database &&
                     manifest.data.has_value() == wants_data && !manifest.objects.empty() &&
                     manifest.taken_at <= manifest.finished_at;
  if (whole) return {};
  return fail(
      ErrorKind::invalid_input,
      fmt::format("the manifest does not describe a backup of kind {}", name_of(manifest.kind)),
      "report this: it was sealed with the right key");
}

Result<BackupManifest> manifest_of(JsonObject body) {
  const Json value(std::move(body));
  StrictMembers members(&value, "manifest");
  BackupManifest manifest;
  manifest.id = members.uuid("id");
  manifest.kind = kind_of(members);
  manifest.environment = members.text("environment");
  manifest.taken_at = members.time("taken_at");
  manifest.finished_at = members.time("finished_at");
  manifest.release = members.text("release");
  const JsonArray* objects = members.array("objects");
  const JsonArray* needs = members.array("needs");
  for (auto& [step, duration] : numbers_of(members, "durations_ms"))
    manifest.durations_ms[step] = duration;
  const Json* database = members.find("database");
  const Json* data = members.find("data");
  AUTERITY_CHECK(members.end());
  for (const Json& entry : *objects) {
    AUTERITY_TRY(object, object_of(entry));
    manifest.objects.push_back(std::move(object));
  }
  for (const Json& entry : *needs) {
    const auto id = parse_uuid(string_or(&entry, ""));
    if (!id) members.refuse("needs", "holds something that is no id");
    manifest.needs.push_back(id.value_or(Uuid{}));
  }
  if (database != nullptr) {
    AUTERITY_TRY(part, database_part(*database));
    manifest.database = std::move(part);
  }
  if (data != nullptr) {
    AUTERITY_TRY(part, data_part(*data));
    manifest.data = std::move(part);
  }
  AUTERITY_CHECK(members.end());
  AUTERITY_CHECK(check_parts(manifest));
  return manifest;
}

}  // namespace

JsonObject to_json(const BackupManifest& manifest) {
  JsonArray objects;
  for (const BackupObject& object : manifest.objects)
    objects.push_back(JsonObject{{"key", object.key},
                                 {"sha256", object.sha256},
                                 {"size", object.size},
                                 {"stored_size", object.stored_size}});
  JsonArray needs;
  for (const Uuid& id : manifest.needs) needs.push_back(Json(auterity::to_text(id)));
  JsonObject durations;
  for (const auto& [step, duration] : manifest.durations_ms) durations[step] = duration;
  JsonObject body{{"id", auterity::to_text(manifest.id)},
                  {"kind", name_of(manifest.kind)},
                  {"environment", manifest.environment},
                  {"taken_at", to_rfc3339(manifest.taken_at)},
                  {"finished_at", to_rfc3339(manifest.finished_at)},
                  {"release", manifest.release},
                  {"objects", std::move(objects)},
                  {"needs", std::move(needs)},
                  {"durations_ms", std::move(durations)}};
  if (manifest.database) body["database"] = to_json(*manifest.database);
  if (manifest.data) body["data"] = to_json(*manifest.data);
  return body;
}

std::string to_text(const BackupManifest& manifest, const DocumentSeal& seal) {
  return seal_document(kManifest, guide_members(manifest), to_json(manifest), seal);
}

Result<BackupManifest> parse_manifest(std::string_view text, const std::string& environment,
                                      const DocumentSeal& seal) {
  AUTERITY_TRY(body, open_document(kManifest, text, seal));
  AUTERITY_TRY(manifest, manifest_of(std::move(body)));
  if (manifest.environment != environment)
    return fail(
        ErrorKind::conflict,
        fmt::format("the manifest belongs to environment {}, not to {}", manifest.environment,
                    environment),
        fmt::format("list that one's backups: auterity backup list -e {}", manifest.environment));
  // The guide's members repeat what the manifest says, and must say the same.
  if (to_text(manifest, seal) != text)
    return fail(ErrorKind::failed, "the manifest was altered: its first lines say something else",
                "take it from another copy of the backup location, or use another backup: "
                "auterity backup list");
  return manifest;
}

std::string to_text(const Verification& verification, const DocumentSeal& seal) {
  JsonArray checks;
  for (const ProofCheck& check : verification.checks)
    checks.push_back(
        JsonObject{{"id", check.id}, {"verdict", check.verdict}, {"evidence", check.evidence}});
  return seal_document(kVerification, {},
                       {{"backup", auterity::to_text(verification.backup)},
                        {"manifest_sha256", verification.manifest_sha256},
                        {"at", to_rfc3339(verification.at)},
                        {"passed", verification.passed},
                        {"restore_ms", verification.restore_ms},
                        {"release", verification.release},
                        {"checks", std::move(checks)}},
                       seal);
}

Result<Verification> parse_verification(std::string_view text, std::string_view manifest_text,
                                        const DocumentSeal& seal) {
  AUTERITY_TRY(body, open_document(kVerification, text, seal));
  const Json value(std::move(body));
  StrictMembers members(&value, "verification");
  Verification verification{.backup = members.uuid("backup"),
                            .manifest_sha256 = members.sha256("manifest_sha256"),
                            .at = members.time("at"),
                            .passed = members.flag("passed"),
                            .restore_ms = static_cast<std::int64_t>(members.number("restore_ms")),
                            .release = members.text("release"),
                            .checks = {}};
  const JsonArray* checks = members.array("checks");
  AUTERITY_CHECK(members.end());
  for (const Json& entry : *checks) {
    StrictMembers check(&entry, "checks");
    verification.checks.push_back({.id = check.text("id"),
                                   .verdict = check.text("verdict"),
                                   .evidence = check.text("evidence")});
    AUTERITY_CHECK(check.end());
  }
  if (verification.manifest_sha256 != sha256_hex(manifest_text))
    return fail(ErrorKind::conflict, "the record of verification is about another manifest",
                "verify the backup again: auterity backup verify ID");
  return verification;
}

}  // namespace auterity::operations::backup
