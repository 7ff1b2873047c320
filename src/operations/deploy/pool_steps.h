#pragma once
// Steps of a deploy that change which pools the platform has and what their processes do.
#include <memory>
#include <string>

#include "operations/deploy/deploy_world.h"

namespace auterity::operations {

// nullptr when `name` is none of them.
std::unique_ptr<Step> make_pool_step(DeployWorld& world, const std::string& name);

}  // namespace auterity::operations
