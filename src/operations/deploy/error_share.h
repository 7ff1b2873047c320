#pragma once
// Whether one pool's requests fail more often than another's: Fisher's exact test, one-sided, which
// stays exact where failures are few. Source: R. A. Fisher, Statistical Methods for Research
// Workers (1934), section 21.02.
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

}  // namespace auterity::operations
