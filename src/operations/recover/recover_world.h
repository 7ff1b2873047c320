#pragma once
// What the steps of a recovery share: where it builds, out of which backups, and what was decided.
// Invariant: the platform has its credentials once prepare() has succeeded; they are read from the
// backup anew by each process, and never stand in the journal.
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "operations/backup/backup_storage.h"
#include "operations/backup/restore_cluster.h"
#include "operations/local_context.h"
#include "operations/recover/interrupted_work.h"
#include "operations/recover/recover_request.h"

namespace auterity::operations {

// What a recovery writes down: how far the log was replayed, and what came out of it all.
inline constexpr std::string_view kReplayed = "replayed.json";
inline constexpr std::string_view kUploadsReport = "uploads.json";
inline constexpr std::string_view kRecoveryReport = "recovery.json";

struct RecoverWorld {
  LocalContext& context;                           // of the environment that is built
  std::unique_ptr<backup::BackupStorage> storage;  // of the one that the backups are of
  RecoverRequest request;
  local::Platform platform;
  MakeInterruptedWork make_interrupted_work;
  std::string id = {};  // of the operation
  std::optional<backup::BackupManifest> database = {};
  std::optional<backup::BackupManifest> files = {};

  // Reads manifests and credentials once.
  Async<Status> prepare();
  // What this recovery writes down for whoever asks later; and reads itself when it is resumed.
  std::filesystem::path evidence(std::string_view name) const;
  // Where it puts what was there.
  std::filesystem::path aside() const;
  // How the data folder is restored and recovered.
  backup::RestoreRequest restore_request() const;
};

// The base backup's two objects, as its manifest names them; failed when it names none.
Result<backup::BaseBackupSource> base_backup_of(const backup::BackupManifest& manifest);

}  // namespace auterity::operations
