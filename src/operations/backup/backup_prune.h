#pragma once
// `auterity backup prune`: removes the backups that the environment's retention no longer keeps
// (retention.h decides), what died unfinished, and the archived log that no kept backup needs
// (wal_archive.h has its names). The manifest goes before its objects, so that nothing half removed
// counts. What was removed does not come back: the operation can be resumed, not undone.
#include <memory>
#include <string>

#include "operations/backup/backup_storage.h"
#include "operations/backup/retention.h"
#include "operations/operation.h"

namespace auterity::operations::backup {

struct PruneRequest {
  bool allow_removing_most = false;
};

RetentionPolicy policy_of(const EnvironmentFile& environment);

// What pruning would do, as a value.
struct PrunePlan {
  RetentionPlan retention;
  std::vector<CatalogueEntry> removed;  // oldest first
  std::vector<std::string> leftovers;   // stamps with objects and without a manifest
  std::vector<std::string> unreadable;  // "<stamp>: why"; they stay
  std::vector<std::string> log_keys;    // of the archived log, before what any kept backup needs
  bool unnamed_copies = false;          // a backup that died left copies of uploads
};
// What lies in the location: `stamps` are those that objects of backups have, `log_keys` the keys
// of the archived log, "wal/<system id>/<timeline>/<segment>…".
struct StoredObjects {
  std::vector<std::string> stamps;
  std::vector<std::string> log_keys;
};
// Pure. Leftovers that are younger than a day may still be at work elsewhere, and stay.
Result<PrunePlan> plan_prune(const RetentionPolicy& policy,
                             const std::vector<CatalogueEntry>& entries,
                             const StoredObjects& stored, std::optional<Time> release_since,
                             Time now, bool allow_removing_most);
// The plan of steps.
Plan steps_of(const PrunePlan& plan, const std::string& environment);

class BackupPruneOperation final : public Operation {
 public:
  static constexpr std::string_view kKind = "backup-prune";

  // `context` outlives it. Errors of BackupStorage::open().
  static Result<std::unique_ptr<BackupPruneOperation>> make(LocalContext& context,
                                                            const EnvironmentFile& environment,
                                                            PruneRequest request);
  static PruneRequest parse_request(const JsonObject& request);

  std::string_view kind() const override { return kKind; }
  JsonObject request() const override {
    return {{"allow_removing_most", request_.allow_removing_most}};
  }
  Async<Result<Plan>> plan() override;
  // What plan() was made of.
  Async<Result<PrunePlan>> look();
  Result<std::unique_ptr<Step>> bind(const PlannedStep& step) override;
  bool supersedes(std::string_view kind) const override { return kind == kKind; }
  BackupStorage& storage() { return *storage_; }

 private:
  BackupPruneOperation(LocalContext& context, std::unique_ptr<BackupStorage> storage,
                       RetentionPolicy policy, PruneRequest request);

  LocalContext& context_;
  std::unique_ptr<BackupStorage> storage_;
  RetentionPolicy policy_;
  PruneRequest request_;
};

}  // namespace auterity::operations::backup
