#pragma once
// What the backup commands share: the operations made for them, also when they are resumed, and
// the summary that is published after each.
#include <memory>

#include "cli/local_session.h"
#include "operations/backup/backup_operation.h"
#include "operations/backup/backup_prune.h"
#include "operations/backup/verify_operation.h"

namespace auterity::cli {

Result<std::unique_ptr<operations::backup::BackupOperation>> make_backup_operation(
    LocalSession& session, operations::backup::BackupRequest request);
Result<std::unique_ptr<operations::backup::BackupPruneOperation>> make_backup_prune_operation(
    LocalSession& session, operations::backup::PruneRequest request);
// The backup is found first: by its whole id in the journal, whatever was given.
Async<Result<std::unique_ptr<operations::backup::VerifyOperation>>> make_verify_operation(
    World& world, LocalSession& session, std::string backup);

// So that `operations resume` and `undo` find them. `world` and `session` outlive `kinds`.
void add_backup_kinds(World& world, LocalSession& session, operations::OperationKinds& kinds);

}  // namespace auterity::cli
