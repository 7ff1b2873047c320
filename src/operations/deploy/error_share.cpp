#include "operations/deploy/error_share.h"

#include <algorithm>
#include <boost/math/special_functions/beta.hpp>
#include <cmath>

namespace auterity::operations {
namespace {

double log_choose(std::uint64_t n, std::uint64_t k) {
  const auto whole = static_cast<double>(n);
  const auto part = static_cast<double>(k);
  return std::lgamma(whole + 1) - std::lgamma(part + 1) - std::lgamma(whole - part + 1);
}

}  // namespace

double p_fails_more(ErrorCount first, ErrorCount second) {
  const std::uint64_t all = first.requests + second.requests;
  const std::uint64_t errors = first.errors + second.errors;
  if (errors == 0 || second.requests == 0 || first.requests == 0) return 1;
  // Given all errors, the number that fell to `second` is hypergeometric: sum its upper tail.
  const double log_all = log_choose(all, errors);
  const std::uint64_t most = std::min(errors, second.requests);
  double tail = 0;
  for (std::uint64_t count = second.errors; count <= most; ++count) {
    if (errors - count > first.requests) continue;
    tail += std::exp(log_choose(second.requests, count) +
                     log_choose(first.requests, errors - count) - log_all);
  }
  return std::min(tail, 1.0);
}

double p_within_limit(ErrorCount count, double limit) {
  if (count.errors == 0 || limit >= 1) return 1;
  if (limit <= 0) return 0;
  // The upper tail of the binomial distribution is an incomplete beta function.
  const auto errors = static_cast<double>(count.errors);
  return boost::math::ibeta(errors, static_cast<double>(count.requests) - errors + 1, limit);
}

}  // namespace auterity::operations
