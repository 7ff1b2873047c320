#pragma once
// Pending migrations on a copy, before they meet the database itself: up, and as far as they are
// declared reversible down and up again. The copy is a scratch database with the schema and the
// record of what was applied, with all rows as well while the database is small. Changes nothing of
// the database itself, and needs no longer lock on it than a reader takes.
#include <optional>
#include <string>
#include <vector>

#include "data/migrations.h"
#include "operations/migrate/plan.h"
#include "operations/migrate/target.h"

namespace auterity::operations {

// Answers how it went, for a person: "2 went up, down and up again on a copy with all rows". Errors
// name the file and line that failed, or the object that going down and up changed; not about the
// migrations: forbidden (no scratch database), not_ready (no copy), unavailable.
Async<Result<std::string>> rehearse_migrations(MigrateServices& services,
                                               const MigrateTarget& target,
                                               const std::vector<data::Migration>& migrations,
                                               const ObservedSchema& observed);

}  // namespace auterity::operations
