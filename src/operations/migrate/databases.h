#pragma once
// Databases as wholes: whether one is there, making one, and scratch databases. A scratch database
// is told by a mark in its comment, and its maker keeps an advisory lock on its name for as long as
// it needs it: one with the mark and without the lock was left by a dead process, and is dropped by
// whoever makes the next one. Anything without the mark stays, whatever its name.
#include <functional>
#include <string>

#include "operations/migrate/target.h"

namespace auterity::operations {

Async<Result<bool>> database_exists(MigrateServices& services, const MigrateTarget& target,
                                    std::string name);
// Owned by the target's user; safe to repeat.
Async<Status> create_database(MigrateServices& services, const MigrateTarget& target,
                              std::string name);

// Does `work` with an empty database of its own, "auterity_scratch_PURPOSE_…" owned by the target's
// user, and drops it, however the work ended. forbidden when the administrator may not create one.
// Answers the work's error before one of dropping.
using ScratchWork = std::function<Async<Status>(std::string database)>;
Async<Status> with_scratch_database(MigrateServices& services, const MigrateTarget& target,
                                    std::string purpose, ScratchWork work);

}  // namespace auterity::operations
