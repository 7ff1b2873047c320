#pragma once
// What a backup is, as a value: when and of what it was taken, which objects hold it, what a
// restored copy is compared by, and what it cannot do without. The manifest is written last and
// never again: a backup without one is none. That it was restored and compared is a record of its
// own beside it (Verification), which names the manifest that it is about. Both are sealed
// documents (sealed_document.h). Reading is strict: a manifest with a part missing, out of range or
// from another environment is refused, and never half believed.
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/time.h"
#include "core/uuid.h"
#include "data/postgres/lsn.h"
#include "operations/backup/sealed_document.h"

namespace auterity::operations::backup {

enum class BackupKind { database, data, all, logical };
std::string_view name_of(BackupKind kind);
std::optional<BackupKind> parse_backup_kind(std::string_view name);

struct BackupObject {
  std::string key;
  std::string sha256;             // of the bytes as they are stored
  std::uint64_t size = 0;         // of the content, bytes
  std::uint64_t stored_size = 0;  // compressed and sealed
  bool operator==(const BackupObject&) const = default;
};

using TableRows = std::map<std::string, std::int64_t, std::less<>>;

// The cluster, for kinds database, all and logical. A logical dump has no places in the log.
struct DatabasePart {
  std::string database;
  std::string postgresql_version;  // "15.8"
  std::string system_id;           // decimal, of the cluster
  std::uint32_t timeline = 0;
  data::Lsn start;            // the log is needed from here…
  data::Lsn end;              // …to here before a restored copy is consistent
  data::Lsn proof;            // where the rows were counted; recovery to here has exactly these
  std::string restore_point;  // name of that place in the log
  int schema_revision = 0;
  TableRows rows;
  bool operator==(const DatabasePart&) const = default;
};

// Files beside the database, for kinds data and all.
struct DataPart {
  std::string inventory;  // key of the object that lists every upload of this backup
  std::uint64_t uploads = 0;
  std::uint64_t upload_bytes = 0;
  std::uint64_t new_uploads = 0;  // those that no backup before had stored
  std::uint64_t settings = 0;     // files of configuration
  std::uint64_t log_files = 0;
  bool operator==(const DataPart&) const = default;
};

struct BackupManifest {
  Uuid id;
  BackupKind kind = BackupKind::database;
  std::string environment;
  Time taken_at;  // to the second, as in the names of its objects
  Time finished_at;
  std::string release;  // of the program that took it
  std::vector<BackupObject> objects;
  std::optional<DatabasePart> database;
  std::optional<DataPart> data;
  std::vector<Uuid> needs;                           // backups that hold part of this one
  std::map<std::string, std::int64_t> durations_ms;  // by step
  bool operator==(const BackupManifest&) const = default;

  // Of the content, with all uploads.
  std::uint64_t size() const;
  // Of its own objects: copies of uploads are shared by many.
  std::uint64_t stored_size() const;
};

// "20261124T103000Z-0f1e2d3c4b5a": UTC and the end of the id, which begins with the microsecond
// (20 bits) and is random from there. Whatever asks which backup is newer asks which stamp is
// greater.
std::string stamp_of(const BackupManifest& manifest);
std::string stamp_of(Time taken_at, const Uuid& id);
// The guide's names: "metadata/database-<stamp>.json", "metadata/database-<stamp>.proof.json".
std::string manifest_key(BackupKind kind, std::string_view stamp);
std::string proof_key(BackupKind kind, std::string_view stamp);
// Where its own objects begin: "database/auterity-db-staging-<stamp>" or
// "application-data/auterity-data-staging-<stamp>".
std::string database_prefix(std::string_view environment, std::string_view stamp);
std::string data_prefix(std::string_view environment, std::string_view stamp);

struct ManifestName {
  BackupKind kind = BackupKind::database;
  std::string stamp;
  Time taken_at;
};
// Of a key that manifest_key() made; nullopt for every other.
std::optional<ManifestName> parse_manifest_key(std::string_view key);

JsonObject to_json(const BackupManifest& manifest);
std::string to_text(const BackupManifest& manifest, const DocumentSeal& seal);
// Errors of open_document(), and conflict for another environment's.
Result<BackupManifest> parse_manifest(std::string_view text, const std::string& environment,
                                      const DocumentSeal& seal);

// What was looked at in a restored copy.
struct ProofCheck {
  std::string id;       // "rows"
  std::string verdict;  // pass, warn, fail, skipped
  std::string evidence;
  bool operator==(const ProofCheck&) const = default;
};

struct Verification {
  Uuid backup;
  std::string manifest_sha256;  // of the manifest's text
  Time at;
  bool passed = false;
  std::int64_t restore_ms = 0;  // until the restored copy answered
  std::string release;          // of the program that looked
  std::vector<ProofCheck> checks;
  bool operator==(const Verification&) const = default;
};
std::string to_text(const Verification& verification, const DocumentSeal& seal);
// `manifest_text` is the manifest that it must be about, else conflict.
Result<Verification> parse_verification(std::string_view text, std::string_view manifest_text,
                                        const DocumentSeal& seal);

}  // namespace auterity::operations::backup
