#pragma once
// Takes what a platform has beside its database into a backup location: every object of its store,
// incrementally; configuration with credentials and the definitions of its services; the logs of
// the last seven days, a component each. The caller holds the platform's objects (object_hold.h)
// from before the instant of the database on, so that no row of that instant refers to a file that
// is missing here.
#include <string>
#include <vector>

#include "operations/backup/backup_storage.h"
#include "operations/local_context.h"

namespace auterity::operations::backup {

struct DataBackup {
  std::vector<BackupObject> objects;  // inventory, configuration and logs; not the shared copies
  DataPart part;
};

// `name`: of the backup that it belongs to. `environment_file` may be empty: there is none.
Async<Result<DataBackup>> take_data(LocalContext& context, BackupStorage& storage,
                                    ManifestName name, std::string environment_file);

// Bytes of the platform's objects.
Async<Result<std::uint64_t>> upload_bytes(LocalContext& context, BackupStorage& storage);

}  // namespace auterity::operations::backup
