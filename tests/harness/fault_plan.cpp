#include "harness/fault_plan.h"

namespace auterity::harness {

using std::chrono::milliseconds;
using std::chrono::seconds;

Journey FaultPlan::journey(Duration usual, Duration slow) {
  Journey journey;
  journey.there = between(Duration::zero(), usual);
  journey.back = between(Duration::zero(), usual);
  if (calm_) return journey;
  if (chance(20)) journey.there += between(Duration::zero(), slow);
  if (chance(20)) journey.back += between(Duration::zero(), slow);
  return journey;
}

Journey FaultPlan::to_store() {
  // Slow enough, at times, to outlast a lease.
  Journey journey = this->journey(milliseconds(5), seconds(25));
  if (calm_) return journey;
  journey.lost = chance(30);
  journey.unanswered = !journey.lost && chance(30);
  return journey;
}

Journey FaultPlan::to_network() {
  Journey journey = this->journey(milliseconds(200), seconds(20));
  if (calm_) return journey;
  journey.lost = chance(50);
  journey.refused = journey.lost && chance(600);
  journey.unanswered = !journey.lost && chance(50);
  journey.doubled = chance(30);
  return journey;
}

}  // namespace auterity::harness
