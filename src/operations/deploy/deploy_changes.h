#pragma once
// What a deploy changes, in the words of its plan: release, settings, migrations with their locks,
// capacity, and how long it is expected to take. Pure.
#include <vector>

#include "operations/deploy/deploy_facts.h"
#include "operations/plan.h"

namespace auterity::operations {

std::vector<PlannedChange> changes_of(const DeployFacts& facts);

// Its time of watching alone: each stage of the canary, and the end.
Duration watching_time(const DeployRequest& request);

}  // namespace auterity::operations
