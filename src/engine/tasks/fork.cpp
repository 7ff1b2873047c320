// fork: all branches at once on the same input. The output is their outputs in declared order or,
// when they compete, the winner's alone; the others are then cancelled. A branch that faults faults
// the fork.
#include <algorithm>
#include <boost/json/array.hpp>

#include "engine/tasks/registry.h"

namespace auterity::engine {
namespace {

const ForkTask& task_of(const Activation& self) { return std::get<ForkTask>(self.task->body); }

class ForkBehaviour final : public TaskBehaviour {
 public:
  void begin(Progress& progress, Activation& self) const override {
    const TaskList& branches = task_of(self).branches;
    if (branches.empty()) return progress.complete(self, make_value(JsonArray{}));
    self.results.resize(branches.size());
    for (std::uint32_t i = 0; i < branches.size(); ++i)
      progress.start_child(self, *branches[i], i, self.input);
  }

  void child_ended(Progress& progress, Activation& self, const Activation& child,
                   const FlowDirective&) const override {
    if (task_of(self).compete) {
      Value winner = child.output;
      progress.cancel_below(self);
      return progress.complete(self, std::move(winner));
    }
    self.results[child.position] = child.output;
    if (std::ranges::any_of(self.results, [](const Value& result) { return !result; })) return;
    JsonArray outputs;
    outputs.reserve(self.results.size());
    for (const Value& result : self.results) outputs.push_back(*result);
    self.results.clear();
    progress.complete(self, make_value(std::move(outputs)));
  }
};

}  // namespace

const TaskBehaviour& fork_behaviour() {
  static const ForkBehaviour behaviour;
  return behaviour;
}

}  // namespace auterity::engine
