#pragma once
// Steps that take a replica out of the load balancer's rotation and give requests to it again, by
// HAProxy's runtime API: its configuration file is not touched, so a HAProxy that is started anew
// has every replica in rotation.
#include <memory>
#include <string>

#include "operations/local_context.h"
#include "operations/step.h"

namespace auterity::operations {

// Gives `service` no new requests, has it end its event streams and hand its executions over, and
// waits a while for the requests under way; the process ends what is left in good order when it
// stops. Undone, it is in rotation again.
std::unique_ptr<Step> make_drain_step(LocalContext& context, const local::Platform& platform,
                                      std::string service);
// Waits until the load balancer sees it ready.
std::unique_ptr<Step> make_return_step(LocalContext& context, const local::Platform& platform,
                                       std::string service);

}  // namespace auterity::operations
