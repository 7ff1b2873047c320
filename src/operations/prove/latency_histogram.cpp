#include "operations/prove/latency_histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace auterity::operations {
namespace {

constexpr int kStepBits = 5;
constexpr std::uint64_t kFirst = 1u << kStepBits;  // below it every microsecond is its own bucket

std::size_t bucket_of(std::uint64_t microseconds) {
  if (microseconds < kFirst) return microseconds;
  const int power = std::bit_width(microseconds) - 1 - kStepBits;
  return static_cast<std::size_t>(power) * kFirst + (microseconds >> power);
}

// The greatest value that falls into the bucket.
std::uint64_t end_of(std::size_t bucket) {
  if (bucket < 2 * kFirst) return bucket;
  const std::size_t power = bucket / kFirst - 1;
  return ((bucket - power * kFirst + 1) << power) - 1;
}

}  // namespace

void LatencyHistogram::add(Duration latency) {
  const auto microseconds = static_cast<std::uint64_t>(std::max<Duration::rep>(latency.count(), 0));
  ++buckets_[std::min(bucket_of(microseconds), buckets_.size() - 1)];
  ++count_;
  most_ = std::max(most_, latency);
}

Duration LatencyHistogram::percentile(double share) const {
  const auto wanted = static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(count_)));
  std::uint64_t seen = 0;
  for (std::size_t bucket = 0; bucket < buckets_.size(); ++bucket) {
    seen += buckets_[bucket];
    if (seen >= wanted && seen > 0)
      return std::min(Duration(static_cast<Duration::rep>(end_of(bucket))), most_);
  }
  return Duration{};
}

}  // namespace auterity::operations
