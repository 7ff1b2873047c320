#pragma once
// Moving requests between pools. The shares are kept first, then written into HAProxy's file, then
// told to the running HAProxy: whatever dies in between, the next HAProxy and the next operation
// see the same split.
#include <vector>

#include "operations/local_context.h"
#include "operations/step.h"
#include "targets/local/haproxy_servers.h"

namespace auterity::operations {

// Gives each of `platform`'s pools its percentage. A HAProxy that died is waited for, since its
// supervisor starts it again; unavailable when it does not come: the split is then in its file.
Async<Status> move_traffic(LocalContext& context, local::Platform platform);
// Whether HAProxy divides requests as `platform` says, now and after a restart.
Async<Result<Observation>> observe_traffic(LocalContext& context, local::Platform platform);
// The servers behind HAProxy, which is waited for as above.
Async<Result<std::vector<local::BalancerServer>>> wait_for_servers(LocalContext& context,
                                                                   local::Platform platform);

}  // namespace auterity::operations
