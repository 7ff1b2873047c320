#pragma once
// The operation behind `auterity recover`, also when it is resumed.
#include <memory>

#include "cli/local_session.h"
#include "operations/recover/recover.h"

namespace auterity::cli {

// `session` is of the environment that is built, `source` the one whose backups are used. An
// environment without a file has the settings of the source's.
Result<std::unique_ptr<operations::RecoverOperation>> make_recover_operation(
    World& world, LocalSession& session, const std::string& source, operations::RecoveryWish wish);

// So that `operations resume` and `undo` find it. `world` and `session` outlive `kinds`.
void add_recover_kind(World& world, LocalSession& session, operations::OperationKinds& kinds);

}  // namespace auterity::cli
