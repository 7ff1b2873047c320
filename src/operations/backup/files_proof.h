#pragma once
// Whether the files of a backup are what was backed up, and whether they are all that the database
// beside them shows. Errors are those of reading an object or asking the database; what speaks
// against the backup and could be read is a check that failed.
#include "operations/backup/backup_storage.h"
#include "operations/migrate/target.h"

namespace auterity::operations::backup {

// Every object beside the database's, and every copy that the inventory names, read to its end.
// failed and not_found when one is damaged or missing. Needs no restored database.
Async<Result<ProofCheck>> check_files(BackupStorage& storage, BackupManifest manifest);

// Whether the inventory has the bytes of every file that the restored database shows.
Async<Result<ProofCheck>> check_references(MigrateServices& services, const MigrateTarget& target,
                                           BackupStorage& storage, DataPart part);

}  // namespace auterity::operations::backup
