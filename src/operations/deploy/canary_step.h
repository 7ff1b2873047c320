#pragma once
// Steps of a deploy in which the new version serves people: each stage of the canary, and the bake
// at its end.
#include <memory>
#include <string>

#include "operations/deploy/deploy_world.h"

namespace auterity::operations {

// nullptr when `name` is none of them.
std::unique_ptr<Step> make_canary_step(DeployWorld& world, const std::string& name);

}  // namespace auterity::operations
