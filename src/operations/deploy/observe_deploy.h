#pragma once
// Gathers the facts of a deploy's plan. Only looks.
#include "operations/deploy/deploy_facts.h"
#include "operations/deploy/deploy_world.h"

namespace auterity::operations {

// All facts but the migrations. not_ready, with the hint to start it, when a service of the
// platform does not run.
Async<Result<DeployFacts>> observe_deploy(DeployWorld& world, std::string_view kind);

}  // namespace auterity::operations
