#pragma once
// Takes the platform's database as a logical dump: what a server of another version can take in,
// without places in the log and without recovery to a moment. pg_dump's custom format and the roles
// of the cluster (with what their passwords are checked by, so that nobody has to set new ones) are
// streamed into sealed objects; nothing of them touches a disk, an argument or a log on the way.
// Leaves objects that no manifest names when it fails: the caller removes them.
#include <string>

#include "operations/backup/database_backup.h"

namespace auterity::operations::backup {

// Ends of the objects' keys.
inline constexpr std::string_view kDumpObject = ".dump.zst";
inline constexpr std::string_view kRolesObject = ".roles.sql.zst";

// Keys begin as in database_prefix() for `stamp`. Rows are counted in the snapshot of the dump.
Async<Result<DatabaseBackup>> take_logical(LocalContext& context, const local::Platform& platform,
                                           BackupStorage& storage, std::string stamp);

}  // namespace auterity::operations::backup
