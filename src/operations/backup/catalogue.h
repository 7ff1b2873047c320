#pragma once
// The backups of one environment, as their manifests in the backup location tell. Purpose: the one
// place where lists, verification, retention and recovery look for backups. Invariants: order and
// age come from names and manifests, never from times of files; a manifest that cannot be read is
// an entry with its damage and hides no other; a backup without a passed verification is unproven.
// Objects of backups are not looked into: that is verification.
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "data/object_store.h"
#include "operations/backup/manifest.h"

namespace auterity::operations::backup {

struct CatalogueEntry {
  ManifestName name;
  std::optional<BackupManifest> manifest;  // nullopt: it could not be read, `damage` says why
  std::string manifest_sha256;
  std::optional<Verification> verification;  // the latest
  std::string damage;                        // of the manifest, or of the record of verification
  ErrorKind damage_kind = ErrorKind::failed;

  bool is_proven() const { return manifest && verification && verification->passed; }
  // "proven", "unproven", "refuted" (its verification failed), "damaged".
  std::string_view state() const;
};

struct CataloguePage {
  std::vector<CatalogueEntry> entries;  // newest first
  std::string next;                     // stamp to go on after; empty: there are no more
};

class Catalogue {
 public:
  // `store` is the environment's backup location, shown to people as `location`; it outlives this.
  Catalogue(data::ObjectStore& store, std::string environment, DocumentSeal seal,
            std::string location);

  // The newest `limit` that are older than the stamp `after` (empty: of all).
  Async<Result<CataloguePage>> list(std::string after, std::size_t limit);
  Async<Result<std::vector<CatalogueEntry>>> all();
  // By id or stamp, or an unambiguous tail of at least four digits; "latest" is the newest. Errors:
  // not_found, conflict (ambiguous). A damaged one is found, too.
  Async<Result<CatalogueEntry>> find(std::string wanted);
  // The newest proven backup of a database that was consistent before `limit` (nullopt: now).
  Async<Result<std::optional<CatalogueEntry>>> find_latest_proven(std::optional<Time> limit);

  // Durable; conflict when there is one of that name.
  Async<Status> add(BackupManifest manifest);
  // In place of the one before.
  Async<Status> add(Verification verification, ManifestName name);
  // Manifest and record of verification; what is gone already is no error.
  Async<Status> remove(ManifestName name);

  // One row of `backup list --json` and of /api/backups.
  JsonObject to_json(const CatalogueEntry& entry) const;
  // Everything that is known of it.
  JsonObject detail(const CatalogueEntry& entry) const;

  const std::string& environment() const { return environment_; }
  const std::string& location() const { return location_; }

 private:
  Async<Result<std::vector<ManifestName>>> names();
  Async<Result<CatalogueEntry>> read(ManifestName name);
  Async<Result<void>> read_verification(CatalogueEntry& entry, const std::string& manifest_text);

  data::ObjectStore& store_;
  std::string environment_;
  DocumentSeal seal_;
  std::string location_;
};

}  // namespace auterity::operations::backup
