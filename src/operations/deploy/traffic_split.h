#pragma once
// How requests are shared between pools of processes: a percentage for each pool, turned into the
// weights that the load balancer gives to single servers. Pure.
#include <map>
#include <string>
#include <vector>

#include "core/error.h"

namespace auterity::operations {

struct PoolShare {
  std::string pool;  // "blue"
  int percent = 0;   // of all requests
  int servers = 0;   // of the pool; at least 1 where percent is not 0
};

// Server weights of each pool, 0 to 256 (HAProxy's range), in proportion to percent / servers. A
// pool with a share has at least weight 1. invalid_input unless the percentages sum up to 100 and
// every pool with a share has servers.
Result<std::map<std::string, int>> server_weights(const std::vector<PoolShare>& shares);

// The stages of a canary: percent for the new version, ascending, the last one 100. invalid_input
// otherwise. At each stage but the last the baseline pool gets as much as the new version, and the
// old pool what is left.
Status check_canary_stages(const std::vector<int>& stages);

struct CanaryShares {
  int candidate = 0;
  int baseline = 0;
  int stable = 0;
};
// `percent` 1 to 100; above 50 the two pools cannot be of one size, and the baseline takes the
// rest.
CanaryShares canary_shares(int percent);

}  // namespace auterity::operations
