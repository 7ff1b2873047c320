#pragma once
// Steps of a deploy that prove new processes before they get a request: gate and smoke.
#include <memory>
#include <string>

#include "operations/deploy/deploy_world.h"

namespace auterity::operations {

// nullptr when `name` is none of them.
std::unique_ptr<Step> make_probe_step(DeployWorld& world, const std::string& name);

}  // namespace auterity::operations
