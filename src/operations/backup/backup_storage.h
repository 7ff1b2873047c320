#pragma once
// The backup location of one environment, open for use: its objects, the key that seals them, and
// its catalogue. On this machine it is a folder of its own for each environment, under
// `backup.location` or `<AUTERITY_HOME>/backups`.
#include <filesystem>
#include <memory>
#include <string>

#include "data/objects/sealed_objects.h"
#include "operations/backup/catalogue.h"
#include "operations/local_context.h"

namespace auterity::operations::backup {

class BackupStorage {
 public:
  // Errors: not_found when there is no backup and no key yet; not_ready for
  // a key that is missing or a location that this machine cannot use.
  static Result<std::unique_ptr<BackupStorage>> open(LocalContext& context,
                                                     const EnvironmentFile& environment);
  ~BackupStorage();

  data::ObjectStore& store();
  data::SealedObjects& objects();
  Catalogue& catalogue();
  // A pool of threads for what blocks.
  Executor blocking();
  const std::filesystem::path& folder() const;

 private:
  struct Parts;
  explicit BackupStorage(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

// not_ready for s3://: that location belongs to another target.
Result<std::filesystem::path> backup_folder(const LocalContext& context,
                                            const EnvironmentFile& environment);

// A row of each backup, newest first.
Async<Result<JsonArray>> summary_rows(BackupStorage& storage);
// Keeps what the catalogue holds for those who lack the key (backup_summary.h).
Async<Status> publish_summary(LocalContext& context, BackupStorage& storage);

}  // namespace auterity::operations::backup
