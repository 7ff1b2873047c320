#pragma once
// The stages of a canary: which percentage of the requests each pool gets. Pure.
#include <vector>

#include "core/error.h"

namespace auterity::operations {

// Percentages for the new version: ascending, the last one 100. invalid_input otherwise.
Status check_canary_stages(const std::vector<int>& stages);

struct CanaryShares {
  int candidate = 0;  // the new version
  int baseline = 0;   // new processes of the old version, which it is compared with
  int stable = 0;     // the old version's pool
};
// `percent` 1 to 100 for the new version. The baseline gets as much; above 50 it gets what is left.
CanaryShares canary_shares(int percent);

}  // namespace auterity::operations
