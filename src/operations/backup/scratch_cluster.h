#pragma once
// A backup restored beside the platform: in a throwaway folder, as the services' user, at the
// lowest priority for CPU and disk, reachable over a unix socket alone and by nobody but that user.
// It recovers to the place where the backup's rows were counted and no further, archives nothing
// and has the platform's data folder nowhere in reach. One at a time per environment: the
// environment's lock sees to that.
#include <filesystem>
#include <string>

#include "operations/backup/backup_storage.h"
#include "operations/local_context.h"

namespace auterity::operations::backup {

class ScratchCluster {
 public:
  // Both outlive it.
  ScratchCluster(LocalContext& context, const local::Platform& platform);

  // Ends and removes whatever a process that died left.
  Async<Status> clear();
  // Fetches and unpacks every object; each is compared with the hash in the manifest, and each file
  // with the server's own list of checksums. failed and not_found tell of a damaged backup.
  Async<Status> restore(BackupStorage& storage, BackupManifest manifest);
  // Answers once the database was recovered and takes connections.
  Async<Status> start(DatabasePart part);
  Async<Status> stop();
  // After stop(): reads every page; answers what was counted.
  Async<Result<std::string>> check_pages();

  // As the superuser, while it runs.
  std::string url(const std::string& database) const;

 private:
  Status check_means(const BackupManifest& manifest);
  Async<Status> make_folders();
  Async<Status> fetch(BackupStorage& storage, BackupObject object, std::filesystem::path file);
  Status configure(const DatabasePart& part);
  std::filesystem::path log_file() const;
  std::unexpected<Error> does_not_start();
  Async<Status> wait_until_recovered();
  Async<Result<std::string>> run(std::vector<std::string> arguments);
  Async<Status> control(std::vector<std::string> arguments);

  LocalContext& context_;
  const local::Platform& platform_;
  std::filesystem::path folder_;
  std::filesystem::path socket_;
};

}  // namespace auterity::operations::backup
