#pragma once
// The machine's clock. Built by main (and by programs of tests that need real time) alone.
#include "core/clock.h"

namespace auterity {

class SystemClock final : public Clock {
 public:
  Time now() const override;
  Duration monotonic() const override;
  Async<void> sleep(Duration duration) override;
};

}  // namespace auterity
