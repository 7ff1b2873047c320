#include "data/back_off.h"

#include <algorithm>

namespace auterity::data {

Duration BackOff::next() {
  constexpr int most_doublings = 16;
  const auto whole = std::min(first_ * (1 << std::min(failures_, most_doublings)), longest_);
  ++failures_;
  const auto half = static_cast<std::uint64_t>(whole.count() / 2);
  return Duration(static_cast<std::int64_t>(half + random_.below(half + 1)));
}

}  // namespace auterity::data
