#include "targets/local/traffic_split.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace auterity::local {
namespace {

constexpr int kMostWeight = 256;

double percent_of_a_server(const Pool& pool) {
  return pool.replicas < 1 ? 0 : static_cast<double>(pool.percent) / pool.replicas;
}

}  // namespace

Status check_shares(const std::vector<Pool>& pools) {
  int sum = 0;
  for (const Pool& pool : pools) {
    sum += pool.percent;
    if (pool.percent < 0 || (pool.percent > 0 && pool.replicas < 1))
      return fail(ErrorKind::invalid_input,
                  fmt::format("pool {} cannot take {} % of the requests with {} replicas",
                              pool.colour, pool.percent, pool.replicas));
  }
  if (sum != 100)
    return fail(ErrorKind::invalid_input,
                fmt::format("the shares of the pools sum up to {} % instead of 100 %", sum));
  return {};
}

std::map<std::string, int, std::less<>> server_weights(const std::vector<Pool>& pools) {
  double most = 0;
  for (const Pool& pool : pools) most = std::max(most, percent_of_a_server(pool));
  std::map<std::string, int, std::less<>> weights;
  for (const Pool& pool : pools) {
    const double share = percent_of_a_server(pool);
    weights[pool.colour] =
        share > 0 ? std::max(1, static_cast<int>(std::lround(share / most * kMostWeight))) : 0;
  }
  return weights;
}

}  // namespace auterity::local
