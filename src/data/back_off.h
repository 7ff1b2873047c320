#pragma once
// How long to wait before the next attempt: doubling from `first` up to `longest`, and of that a
// random part between half and all, so that clients of one server do not come back in step.
#include "core/random.h"
#include "core/time.h"

namespace auterity::data {

class BackOff {
 public:
  BackOff(Duration first, Duration longest) : first_(first), longest_(longest) {}
  // Counts one more failure.
  Duration next();
  void reset() { failures_ = 0; }
  int failures() const { return failures_; }

 private:
  Duration first_, longest_;
  int failures_ = 0;
  SystemRandom random_;
};

}  // namespace auterity::data
