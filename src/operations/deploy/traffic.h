#pragma once
// Moving requests between pools. The shares are kept first, then written into HAProxy's file, then
// told to the running HAProxy: whatever dies in between, the next HAProxy and the next operation
// see the same split.
#include "operations/local_context.h"
#include "operations/step.h"

namespace auterity::operations {

// Gives each of `platform`'s pools its percentage. unavailable when HAProxy does not answer: the
// split is then in its file.
Async<Status> move_traffic(LocalContext& context, local::Platform platform);
// Whether HAProxy divides requests as `platform` says, now and after a restart.
Async<Result<Observation>> observe_traffic(LocalContext& context, local::Platform platform);

}  // namespace auterity::operations
