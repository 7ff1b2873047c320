#pragma once
// Steps of up that start and stop processes: supervisor, one per service, retire-<service>, and
// health at the end.
#include <memory>
#include <string>

#include "operations/local_context.h"
#include "operations/step.h"

namespace auterity::operations {

// nullptr when the name is none of these.
std::unique_ptr<Step> make_service_step(LocalContext& context, const local::Platform& platform,
                                        const std::string& name);

// What a client sees at the public port: readiness, the version that answers, and the web
// interface.
Async<Result<Observation>> observe_health(LocalContext& context, local::Platform platform);

}  // namespace auterity::operations
