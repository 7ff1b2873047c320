#pragma once
// A backup restored beside the platform: in a throwaway folder, as the services' user, at the
// lowest priority for CPU and disk, reachable over a unix socket alone and by nobody but that user.
// It recovers to the place where the backup's rows were counted and no further, archives nothing
// and has the platform's data folder nowhere in reach. One at a time per environment: the
// environment's lock sees to that. Errors of restore(), start() and check_pages() are failed or
// not_found when the backup is to blame, and nothing else is: whatever this machine lacks is of
// another kind (storage_full, not_ready, unavailable…).
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
  // with the server's own list of checksums.
  Async<Status> restore(BackupStorage& storage, BackupManifest manifest);
  // Answers once the database was recovered and takes connections.
  Async<Status> start(DatabasePart part);
  // In place of both, for a logical backup: a new cluster that runs, with its roles and database.
  Async<Status> restore_dump(BackupStorage& storage, BackupManifest manifest);
  Async<Status> stop();
  // After stop(): reads every page; answers what was counted.
  Async<Result<std::string>> check_pages();

  // As the superuser, while it runs.
  std::string url(const std::string& database) const;

 private:
  static constexpr int kPort = 5432;  // names the socket; nothing listens on a network

  // Room for so many bytes, and the server's programs.
  Status check_means(std::uint64_t bytes);
  Async<Status> make_folders();
  Async<Status> fetch(BackupStorage& storage, BackupObject object, std::filesystem::path file);
  Async<Status> fetch_segment(BackupStorage& storage, BackupObject object,
                              std::filesystem::path file);
  Status configure(std::string_view recovery);
  Async<Status> boot();
  Async<Status> create_cluster();
  // A client program of PostgreSQL, which reads what is to be restored.
  Async<Status> take_in(std::string_view what, std::vector<std::string> arguments);
  std::filesystem::path data_folder() const { return folder_ / "data"; }
  std::filesystem::path log_file() const { return folder_ / "server.log"; }
  std::string restore_command() const;
  bool is_running();
  std::unexpected<Error> does_not_start(std::string_view why);
  Async<Status> wait_until_recovered();
  Async<Result<ProcessOutcome>> run(std::vector<std::string> arguments);
  Async<Status> control(std::vector<std::string> arguments);

  LocalContext& context_;
  const local::Platform& platform_;
  std::filesystem::path folder_;
  std::filesystem::path socket_;
};

// Where the server's programs are.
std::string server_program(std::string_view name);

// What a server that did not come up says in its log: failed when it is about its data,
// storage_full or unavailable when it is about the machine, or when the log tells nothing.
ErrorKind kind_of_failed_start(std::string_view server_log);
// What a program says that could not restore: storage_full or unavailable when it is about the
// machine, else failed.
ErrorKind kind_of_refused_content(std::string_view error_output);
// Of pg_checksums: what was counted; failed for pages that differ from their checksums.
Result<std::string> judge_pages(const ProcessOutcome& outcome);

}  // namespace auterity::operations::backup
