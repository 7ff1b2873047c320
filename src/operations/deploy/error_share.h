#pragma once
// Whether one pool's requests fail more often than another's, or than a limit allows: Fisher's
// exact test and the binomial test, one-sided. Both stay exact where failures are few. Source: R.
// A. Fisher, Statistical Methods for Research Workers (1934), section 21.02; C. J. Clopper and E.
// S. Pearson, Biometrika 26 (1934).
#include <cstdint>

namespace auterity::operations {

struct ErrorCount {
  std::uint64_t requests = 0;
  std::uint64_t errors = 0;  // not more than requests

  double share() const {
    return requests == 0 ? 0 : static_cast<double>(errors) / static_cast<double>(requests);
  }
};

// How likely `second` has so many errors or more if both pools fail equally often, 0 to 1.
double p_fails_more(ErrorCount first, ErrorCount second);

// How likely it is that so many requests fail or more if the true share is `limit`, 0 to 1: small
// when the limit is exceeded beyond chance.
double p_within_limit(ErrorCount count, double limit);

}  // namespace auterity::operations
