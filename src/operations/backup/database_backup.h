#pragma once
// Takes the database of a running platform into a backup location: a base backup over the
// replication protocol, the rows of every table at an exact place in the log, and the log up to
// there. Streams; nothing of it touches this machine's disk on the way. Leaves objects that no
// manifest names when it fails: the caller removes them.
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "data/database.h"
#include "operations/backup/backup_storage.h"
#include "operations/local_context.h"

namespace auterity::operations::backup {

struct DatabaseBackup {
  std::vector<BackupObject> objects;
  DatabasePart part;
  std::map<std::string, std::int64_t> durations_ms;
};

using OnNote = std::function<void(std::string_view)>;

// The superuser's connection to the platform's database. not_ready when PostgreSQL does not run.
Result<std::unique_ptr<data::Database>> open_backup_database(LocalContext& context,
                                                             const local::Platform& platform);

// Keys begin with `prefix`; `stamp` names the restore point.
Async<Result<DatabaseBackup>> take_database(LocalContext& context, const local::Platform& platform,
                                            BackupStorage& storage, std::string stamp,
                                            OnNote on_note);

// The newest migration that the session's snapshot shows; 0 without any.
Async<Result<int>> schema_revision(data::Session& session);

// Bytes of the databases of the cluster.
Async<Result<std::uint64_t>> database_bytes(data::Database& database);

}  // namespace auterity::operations::backup
