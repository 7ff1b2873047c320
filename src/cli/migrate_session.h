#pragma once
// What the migrate commands share: the database they are about, and the operations made for it.
#include <memory>
#include <optional>
#include <string>

#include "cli/local_session.h"
#include "operations/migrate/operation.h"
#include "operations/platform_invariants.h"

namespace auterity::cli {

// The environment's database, or that of DATABASE_URL.
Result<operations::MigrateTarget> migrate_target(World& world, LocalSession& session,
                                                 const std::optional<std::string>& migrations);

std::unique_ptr<operations::MigrateOperation> make_migrate_operation(
    LocalSession& session, operations::MigrateTarget target, operations::MigrateRequest request);

// Migrations run in the name of whoever the session's operations do.
data::MigratorOptions migrator_options(LocalSession& session);

// So that `operations resume` and `undo` find them. `world` and `session` outlive `kinds`.
void add_migrate_kinds(World& world, LocalSession& session, operations::OperationKinds& kinds);

// What the engine's store knows about its own data.
std::unique_ptr<operations::PlatformInvariants> make_engine_invariants(
    World& world, const operations::MigrateTarget& target);

}  // namespace auterity::cli
