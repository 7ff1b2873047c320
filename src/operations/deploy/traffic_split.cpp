#include "operations/deploy/traffic_split.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace auterity::operations {
namespace {

constexpr int kMostWeight = 256;

}  // namespace

Result<std::map<std::string, int>> server_weights(const std::vector<PoolShare>& shares) {
  int sum = 0;
  double most = 0;
  for (const PoolShare& share : shares) {
    sum += share.percent;
    if (share.percent < 0 || (share.percent > 0 && share.servers < 1))
      return fail(ErrorKind::invalid_input,
                  fmt::format("pool {} cannot take {} % of the requests with {} servers",
                              share.pool, share.percent, share.servers));
    if (share.percent > 0)
      most = std::max(most, static_cast<double>(share.percent) / share.servers);
  }
  if (sum != 100)
    return fail(ErrorKind::invalid_input,
                fmt::format("the shares of the pools sum up to {} % instead of 100 %", sum));
  std::map<std::string, int> weights;
  for (const PoolShare& share : shares) {
    if (share.percent == 0) {
      weights[share.pool] = 0;
      continue;
    }
    const double exact = static_cast<double>(share.percent) / share.servers / most * kMostWeight;
    weights[share.pool] = std::max(1, static_cast<int>(std::lround(exact)));
  }
  return weights;
}

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
