// set: the output is the evaluated value; it replaces the data.
#include "engine/tasks/registry.h"

namespace auterity::engine {
namespace {

class SetBehaviour final : public TaskBehaviour {
 public:
  void begin(Progress& progress, Activation& self) const override { progress.ask(self, 0); }
  Question question(const Execution&, const Activation& self) const override {
    return {.what = &std::get<SetTask>(self.task->body).value, .data = self.input};
  }
  void answered(Progress& progress, Activation& self, Value answer) const override {
    progress.complete(self, std::move(answer));
  }
};

}  // namespace

const TaskBehaviour& set_behaviour() {
  static const SetBehaviour behaviour;
  return behaviour;
}

}  // namespace auterity::engine
