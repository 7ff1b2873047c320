#include "cli/backup_session.h"

namespace auterity::cli {

using operations::backup::BackupOperation;
using operations::backup::BackupPruneOperation;

Result<std::unique_ptr<BackupOperation>> make_backup_operation(
    LocalSession& session, operations::backup::BackupRequest request) {
  AUTERITY_TRY(environment, session.environment_file());
  return BackupOperation::make(
      session.context(), environment, request,
      [&session](std::string_view line) { session.observer().note(line); });
}

Result<std::unique_ptr<BackupPruneOperation>> make_backup_prune_operation(
    LocalSession& session, operations::backup::PruneRequest request) {
  AUTERITY_TRY(environment, session.environment_file());
  return BackupPruneOperation::make(session.context(), environment, request);
}

void add_backup_kinds(LocalSession& session, operations::OperationKinds& kinds) {
  kinds.emplace(
      BackupOperation::kDatabase,
      [&session](const JsonObject& request) -> Result<std::unique_ptr<operations::Operation>> {
        AUTERITY_TRY(parsed, BackupOperation::parse_request(request));
        return make_backup_operation(session, parsed);
      });
  kinds.emplace(
      BackupPruneOperation::kKind,
      [&session](const JsonObject& request) -> Result<std::unique_ptr<operations::Operation>> {
        return make_backup_prune_operation(session, BackupPruneOperation::parse_request(request));
      });
}

}  // namespace auterity::cli
