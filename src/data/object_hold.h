#pragma once
// While somebody holds the platform's objects, nothing removes any: so a backup copies, after the
// instant that its database is of, every object that the rows of that instant refer to. Whoever
// removes asks after the row is marked as removed, which needs no lock: a hold that begins later is
// of an instant at which nobody referred to the object any more.
#include "data/database.h"

namespace auterity::data {

// Until the session ends, whatever ends it. Several may hold at once.
Async<Status> hold_objects(Session& session);
// After the work: unavailable when the session ended meanwhile, and the hold with it.
Async<Status> check_hold(Session& session);
Async<Result<bool>> objects_are_held(Database& database);

}  // namespace auterity::data
