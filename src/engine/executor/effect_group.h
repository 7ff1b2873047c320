#pragma once
// The effects of one execution that are in flight. Purpose: start each once, stop those that are no
// longer wanted, hand outcomes back in the order in which they come. Invariant: nothing is in
// flight once stop() has completed.
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>

#include "core/log.h"
#include "core/task_group.h"
#include "engine/execution/event.h"
#include "engine/executor/effects.h"

namespace auterity::engine {

class EffectGroup {
 public:
  // `on_outcome` is called once for each effect that ends and was not stopped.
  EffectGroup(Executor executor, EffectPerformer& performer, Log& log,
              std::function<void(EffectEnded)> on_outcome);

  bool empty() const { return in_flight_.empty(); }
  bool contains(ActivationId activation) const { return in_flight_.contains(activation); }
  void start(ActivationId activation, EffectRequest request);
  // Stops every effect that is not among `wanted` and forgets those that have ended.
  Async<void> keep_only(std::set<ActivationId> wanted);
  Async<void> stop();

 private:
  Async<void> perform(ActivationId activation, EffectRequest request);

  Executor executor_;
  EffectPerformer& performer_;
  Log& log_;
  std::function<void(EffectEnded)> on_outcome_;
  std::map<ActivationId, std::unique_ptr<TaskGroup>> in_flight_;
};

}  // namespace auterity::engine
