#pragma once
// The effects of a migrate operation's steps, one class each. Everything passed by reference
// outlives the step.
#include <memory>

#include "operations/migrate/plan.h"
#include "operations/migrate/target.h"
#include "operations/restore_point.h"
#include "operations/step.h"

namespace auterity::operations {

std::unique_ptr<Step> make_create_database_step(MigrateServices& services,
                                                const MigrateTarget& target);
std::unique_ptr<Step> make_restore_point_step(RestorePoints& restore_points, std::string name);
// Restores the restore point into a scratch database, goes down to the revision asked for, up
// again, and down again there; each time the schema must be the one that it was.
std::unique_ptr<Step> make_proof_step(MigrateServices& services, const MigrateTarget& target,
                                      RestorePoints& restore_points, const MigrateRequest& request,
                                      const data::MigratorOptions& options);
// Applies or reverts one migration.
std::unique_ptr<Step> make_migration_step(MigrateServices& services, const MigrateTarget& target,
                                          const MigrateRequest& request,
                                          const data::MigratorOptions& options,
                                          data::Migration migration);

}  // namespace auterity::operations
