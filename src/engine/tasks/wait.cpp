// wait: nothing for a while; data passes through unchanged.
#include "engine/tasks/registry.h"

namespace auterity::engine {
namespace {

enum Step : std::uint16_t { duration, sleeping };

class WaitBehaviour final : public TaskBehaviour {
 public:
  void begin(Progress& progress, Activation& self) const override {
    progress.ask(self, Step::duration);
  }
  Question question(const Execution&, const Activation& self) const override {
    return {.duration = &std::get<WaitTask>(self.task->body).duration, .data = self.input};
  }
  void answered(Progress& progress, Activation& self, Value answer) const override {
    progress.sleep_until(self, Step::sleeping, progress.now() + Duration(answer->get_int64()));
  }
  void timer_due(Progress& progress, Activation& self) const override {
    progress.complete(self, self.input);
  }
};

}  // namespace

const TaskBehaviour& wait_behaviour() {
  static const WaitBehaviour behaviour;
  return behaviour;
}

}  // namespace auterity::engine
