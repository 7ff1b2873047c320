#pragma once
// The log that a restored cluster replays: what was archived continuously, and where that has less,
// what the backup itself brought along for its proof. Each segment comes from the one that reaches
// further.
#include <string>

#include "data/objects/sealed_objects.h"
#include "operations/backup/manifest.h"
#include "operations/backup/wal_archive.h"
#include "operations/backup/wal_feed.h"

namespace auterity::operations {

class RecoveryLog final : public backup::LogSource {
 public:
  // `objects` outlives it; `manifest` is that of a backup with a cluster.
  RecoveryLog(data::SealedObjects& objects, backup::BackupManifest manifest);
  Async<Result<std::string>> fetch(std::string name) override;

 private:
  Async<Result<std::string>> fetch_own(std::string name, const backup::BackupObject& object);

  data::SealedObjects& objects_;
  backup::BackupManifest manifest_;
  backup::WalArchive archive_;
};

}  // namespace auterity::operations
