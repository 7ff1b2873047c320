#pragma once
// When and how the simulated world fails. One seeded source decides everything, so that a seed is a
// whole story.
#include "core/random.h"
#include "core/time.h"

namespace auterity::harness {

// What happens to one request on its way.
struct Journey {
  Duration there;           // before it takes effect
  Duration back;            // before its answer arrives
  bool lost = false;        // it never arrives
  bool refused = false;     // the sender hears at once that it was lost
  bool unanswered = false;  // it takes effect, and the answer is lost
  bool doubled = false;     // it arrives twice
};

class FaultPlan {
 public:
  explicit FaultPlan(std::uint64_t seed) : random_(seed) {}

  // Chances are per thousand.
  bool chance(std::uint64_t per_thousand) { return random_.below(1000) < per_thousand; }
  std::uint64_t below(std::uint64_t bound) { return random_.below(bound); }
  Duration between(Duration least, Duration most) {
    return least + Duration(static_cast<std::int64_t>(
                       random_.below(static_cast<std::uint64_t>((most - least).count()) + 1)));
  }
  // No faults any more.
  void calm() { calm_ = true; }
  bool is_calm() const { return calm_; }

  Journey to_store();
  Journey to_network();
  // For wake-ups between processes.
  bool loses_notice() { return !calm_ && chance(300); }

 private:
  Journey journey(Duration usual, Duration slow);

  SeededRandom random_;
  bool calm_ = false;
};

}  // namespace auterity::harness
