#include "operations/proven_backups.h"

#include "operations/backup/backup_summary.h"
#include "operations/migrate/local_target.h"
#include "operations/migrate/logical_restore_points.h"

namespace auterity::operations {
namespace {

class RestorePointProofs final : public BackupProofs {
 public:
  explicit RestorePointProofs(LocalContext& context) : context_(context) {}

  std::string_view kind() const override { return "logical restore point"; }
  Async<Result<std::vector<ProvenBackup>>> proven() override {
    AUTERITY_CO_TRY(points,
                    list_logical_restore_points(context_.files, restore_points_folder(context_)));
    std::vector<ProvenBackup> backups;
    for (RestorePoint& point : points)
      if (point.taken_at)
        backups.push_back({std::move(point.name), *point.taken_at, point.verified_at});
    co_return backups;
  }

 private:
  LocalContext& context_;
};

// Backups that were restored, booted and compared by `auterity backup verify`.
class BackupVerifications final : public BackupProofs {
 public:
  explicit BackupVerifications(LocalContext& context) : context_(context) {}

  std::string_view kind() const override { return "backup"; }
  Async<Result<std::vector<ProvenBackup>>> proven() override {
    AUTERITY_CO_TRY(summary, backup::read_summary(context_.files, context_.layout.operations()));
    std::vector<ProvenBackup> backups;
    for (const Json& row : summary.backups) {
      const auto member = [&](std::string_view name) {
        return string_or(find_member(row, name), "");
      };
      const auto taken_at = parse_rfc3339(member("taken_at"));
      if (member("state") == "proven" && backup::holds_database(row) && taken_at)
        backups.push_back(
            {std::string(member("id")), *taken_at, parse_rfc3339(member("verified_at"))});
    }
    co_return backups;
  }

 private:
  LocalContext& context_;
};

}  // namespace

std::vector<std::unique_ptr<BackupProofs>> all_backup_proofs(LocalContext& context) {
  std::vector<std::unique_ptr<BackupProofs>> proofs;
  proofs.push_back(std::make_unique<RestorePointProofs>(context));
  proofs.push_back(std::make_unique<BackupVerifications>(context));
  return proofs;
}

}  // namespace auterity::operations
