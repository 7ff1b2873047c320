// switch: the first case whose condition holds decides where to go, else the default case, else the
// task's own `then`. Data passes through unchanged. A step is the index of a case.
#include "engine/execution/task_behaviour.h"
#include "engine/expression/evaluator.h"
#include "engine/tasks/registry.h"

namespace auterity::engine {
namespace {

const std::vector<SwitchCase>& cases_of(const Activation& self) {
  return std::get<SwitchTask>(self.task->body).cases;
}

class SwitchBehaviour final : public TaskBehaviour {
 public:
  void begin(Progress& progress, Activation& self) const override { try_from(progress, self, 0); }

  Question question(const Execution&, const Activation& self) const override {
    return {.what = &*cases_of(self)[self.step].when, .data = self.input};
  }

  void answered(Progress& progress, Activation& self, Value answer) const override {
    if (is_truthy(*answer))
      take(progress, self, &cases_of(self)[self.step]);
    else
      try_from(progress, self, self.step + 1u);
  }

 private:
  void try_from(Progress& progress, Activation& self, std::size_t index) const {
    const auto& cases = cases_of(self);
    while (index < cases.size() && !cases[index].when) ++index;
    if (index < cases.size()) return progress.ask(self, static_cast<std::uint16_t>(index));
    for (const SwitchCase& candidate : cases)
      if (!candidate.when) return take(progress, self, &candidate);
    take(progress, self, nullptr);
  }

  void take(Progress& progress, Activation& self, const SwitchCase* chosen) const {
    if (chosen != nullptr) self.then = chosen->then;
    progress.complete(self, self.input);
  }
};

}  // namespace

const TaskBehaviour& switch_behaviour() {
  static const SwitchBehaviour behaviour;
  return behaviour;
}

}  // namespace auterity::engine
