#pragma once
// A PostgreSQL data folder out of the objects of a base backup. The objects are opened, expanded
// and unpacked in one pass, several hundred megabytes a second, and every file is compared with the
// server's own manifest as it is written. What follows is PostgreSQL's: it recovers when it is
// started on the folder.
#include <filesystem>
#include <string>

#include "core/async.h"
#include "core/error.h"
#include "data/objects/sealed_objects.h"
#include "operations/backup/cluster_archive.h"
#include "operations/backup/recovery_settings.h"

namespace auterity::operations::backup {

// The two objects of a base backup, with the hashes that its manifest names; an empty hash is not
// compared.
struct BaseBackupSource {
  std::string archive_key;
  std::string archive_sha256;
  std::string manifest_key;
  std::string manifest_sha256;
};

struct RestoreRequest {
  BaseBackupSource source;
  std::filesystem::path data_folder;  // its parent exists; itself absent or empty
  std::string service_user;           // whom it is given to; empty: ours
  RecoveryTarget target;
  std::string restore_command;  // see with_recovery_settings()
};

// Errors: conflict when the folder holds something, not_found when an object is missing, failed
// when one is damaged, forbidden when another key sealed it, storage_full. What was unpacked until
// then stays, and must be removed before the next attempt.
Async<Result<UnpackedCluster>> restore_cluster(data::SealedObjects& objects,
                                               RestoreRequest request);

// Tells a data folder that was restored and has not recovered yet how far to go: restore_cluster()
// has done so for its own request.
Status set_recovery(const RestoreRequest& request);

}  // namespace auterity::operations::backup
