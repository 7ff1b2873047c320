#pragma once
// How long each part of a backup took.
#include <chrono>
#include <cstdint>
#include <utility>

#include "core/clock.h"

namespace auterity::operations::backup {

class Stopwatch {
 public:
  explicit Stopwatch(Clock& clock) : clock_(clock), begun_(clock.monotonic()) {}
  // Since the last lap, or the beginning.
  std::int64_t lap_ms() {
    const Duration now = clock_.monotonic();
    return std::chrono::duration_cast<std::chrono::milliseconds>(now - std::exchange(begun_, now))
        .count();
  }

 private:
  Clock& clock_;
  Duration begun_;
};

}  // namespace auterity::operations::backup
