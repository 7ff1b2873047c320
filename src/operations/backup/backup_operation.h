#pragma once
// `auterity backup database|data|all`, and `database --logical`: looks whether there is room, takes
// everything into objects, and writes the manifest last. One step takes the whole backup, since it
// is of one instant: cut off, it is begun anew by resume and removed by undo, and what it left
// never counts. Verification is an operation of its own (verify_operation.h), so that one that
// fails takes nothing away.
#include <memory>
#include <string>

#include "core/random.h"
#include "operations/backup/backup_storage.h"
#include "operations/backup/database_backup.h"
#include "operations/operation.h"

namespace auterity::operations::backup {

struct BackupRequest {
  BackupKind kind = BackupKind::database;
  Uuid id;  // its time is when the backup was taken

  // The end of the id begins with the microsecond, so that stamps sort by time within a second.
  static BackupRequest draw(BackupKind kind, Clock& clock, Random& random);
  Time taken_at() const;  // to the second
  ManifestName name() const;
};

class BackupOperation final : public Operation {
 public:
  static constexpr std::string_view kDatabase = "backup-database";
  static constexpr std::string_view kData = "backup-data";
  static constexpr std::string_view kAll = "backup-all";
  static constexpr std::string_view kLogical = "backup-logical";

  // `context` outlives it. Errors of BackupStorage::open() and load_platform().
  static Result<std::unique_ptr<BackupOperation>> make(LocalContext& context,
                                                       const EnvironmentFile& environment,
                                                       BackupRequest request, OnNote on_note);
  // invalid_input for what request() did not write.
  static Result<BackupRequest> parse_request(const JsonObject& request);

  std::string_view kind() const override;
  JsonObject request() const override;
  Async<Result<Plan>> plan() override;
  Result<std::unique_ptr<Step>> bind(const PlannedStep& step) override;
  bool supersedes(std::string_view kind) const override { return kind.starts_with("backup-"); }

  BackupStorage& storage() { return *storage_; }

 private:
  BackupOperation(LocalContext& context, local::Platform platform,
                  std::unique_ptr<BackupStorage> storage, BackupRequest request,
                  std::string environment_file, OnNote on_note);

  LocalContext& context_;
  local::Platform platform_;
  std::unique_ptr<BackupStorage> storage_;
  BackupRequest request_;
  std::string environment_file_;
  OnNote on_note_;
};

// Bytes that the next backup of that kind will take: what the last one took, with a fifth to spare;
// without one, the whole size.
std::uint64_t expected_bytes(std::uint64_t content, const std::vector<CatalogueEntry>& entries,
                             BackupKind kind);

}  // namespace auterity::operations::backup
