#pragma once
// How requests are shared between pools: each pool's percentage, turned into the weights that the
// load balancer gives to single servers. Pure.
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "core/error.h"
#include "targets/local/pool.h"

namespace auterity::local {

// invalid_input unless the percentages sum up to 100 and every pool with a share has replicas.
Status check_shares(const std::vector<Pool>& pools);

// Weight of each server of a pool by colour, 0 to 256 (HAProxy's range), in proportion to
// percent / replicas. A pool with a share has at least weight 1.
std::map<std::string, int, std::less<>> server_weights(const std::vector<Pool>& pools);

}  // namespace auterity::local
