#pragma once
// One migration's statements as a person reads them in a plan.
#include "operations/migrate/plan.h"

namespace auterity::operations {

// invalid_input names the file and line that cannot be run.
Result<PlannedMigration> describe_migration(const data::Migration& migration,
                                            MigrateDirection direction,
                                            const std::optional<lint::TableSizes>& sizes);

}  // namespace auterity::operations
