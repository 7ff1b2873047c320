#pragma once
// What the catalogue of backups held when it was last looked at, kept in the environment's folder
// for those who lack the backup key: the API's processes, `status`, `check`. Written after every
// operation on backups; whoever wants to be sure asks the catalogue.
#include <filesystem>
#include <optional>

#include "core/files.h"
#include "core/json.h"
#include "core/time.h"

namespace auterity::operations::backup {

struct BackupSummary {
  Time observed_at;
  JsonArray backups;  // rows as Catalogue::to_json() makes them, newest first
};

// In the folder of the environment's operations.
Status write_summary(Files& files, const std::filesystem::path& folder,
                     const BackupSummary& summary);
// Empty when no backup was ever taken here; failed when it cannot be read.
Result<BackupSummary> read_summary(Files& files, const std::filesystem::path& folder);

// Whether a database can be had from the backup of that row.
bool holds_database(const Json& row);
// The newest proven backup of a database among them, else the newest; null when there is none.
Json last_backup(const BackupSummary& summary);

}  // namespace auterity::operations::backup
