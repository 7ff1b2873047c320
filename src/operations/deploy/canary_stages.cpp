#include "operations/deploy/canary_stages.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

namespace auterity::operations {

Status check_canary_stages(const std::vector<int>& stages) {
  const bool ascending = std::ranges::adjacent_find(stages, std::greater_equal()) == stages.end();
  if (!stages.empty() && ascending && stages.front() >= 1 && stages.back() == 100) return {};
  return fail(ErrorKind::invalid_input,
              fmt::format("canary steps {} are not ascending percentages that end in 100",
                          fmt::join(stages, ",")),
              "give them like this: --canary 10,50,100");
}

CanaryShares canary_shares(int percent) {
  const int baseline = std::min(percent, 100 - percent);
  return {percent, baseline, 100 - percent - baseline};
}

}  // namespace auterity::operations
