#pragma once
// What a backup of configuration keeps of a platform: the facts from which its services are
// generated, and its credentials, without which nobody opens the secrets in its database.
#include "operations/backup/backup_storage.h"
#include "operations/local_context.h"

namespace auterity::operations {

struct KeptSettings {
  local::KeptFacts facts;
  local::Credentials credentials;
};

// Of a backup with files. Errors: not_found when it lacks them, failed when they are damaged,
// forbidden when another key sealed them.
Async<Result<KeptSettings>> read_settings(LocalContext& context, backup::BackupStorage& storage,
                                          backup::BackupManifest files);

}  // namespace auterity::operations
