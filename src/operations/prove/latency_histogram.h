#pragma once
// How long answers took, in a fixed amount of memory however many there are: buckets that grow with
// the value, so that a percentile is off by 3 % at most and always upwards. Pure. The idea is that
// of HdrHistogram (http://hdrhistogram.org).
#include <array>
#include <cstddef>
#include <cstdint>

#include "core/time.h"

namespace auterity::operations {

class LatencyHistogram {
 public:
  // Less than nothing counts as nothing.
  void add(Duration latency);
  std::uint64_t count() const { return count_; }
  // The latency that `share` (0 to 1) of the answers did not exceed; zero when there are none.
  Duration percentile(double share) const;
  Duration most() const { return most_; }

 private:
  static constexpr std::size_t kSteps = 32;  // a power of two is divided into so many buckets
  static constexpr std::size_t kPowers = 36;

  std::array<std::uint64_t, kSteps * kPowers> buckets_{};
  std::uint64_t count_ = 0;
  Duration most_{};
};

}  // namespace auterity::operations
