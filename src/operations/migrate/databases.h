#pragma once
// Databases as wholes: whether one is there, making one, and scratch databases. A scratch database
// carries a mark in its comment; one without it is never dropped, whatever its name.
#include <string>

#include "operations/migrate/target.h"

namespace auterity::operations {

Async<Result<bool>> database_exists(MigrateServices& services, const MigrateTarget& target,
                                    std::string name);
// Owned by the target's user; safe to repeat.
Async<Status> create_database(MigrateServices& services, const MigrateTarget& target,
                              std::string name);

// The name of this target's scratch database for `purpose`, "check" or "proof".
std::string scratch_name(const MigrateTarget& target, std::string_view purpose);
// An empty one, in place of one that a dead process left. conflict when one is there that is none
// of ours.
Async<Status> make_scratch(MigrateServices& services, const MigrateTarget& target,
                           std::string name);
// Nothing happens when it is gone already.
Async<Status> drop_scratch(MigrateServices& services, const MigrateTarget& target,
                           std::string name);

}  // namespace auterity::operations
