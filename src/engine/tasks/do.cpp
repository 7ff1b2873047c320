// do: subtasks in sequence; the output is the last one's.
#include "engine/tasks/registry.h"

namespace auterity::engine {
namespace {

class DoBehaviour final : public TaskBehaviour {
 public:
  void begin(Progress& progress, Activation& self) const override {
    progress.run_list(self, 0, self.input);
  }
  const TaskList& list(const Execution&, const Activation& self) const override {
    return std::get<DoTask>(self.task->body).tasks;
  }
};

}  // namespace

const TaskBehaviour& do_behaviour() {
  static const DoBehaviour behaviour;
  return behaviour;
}

}  // namespace auterity::engine
