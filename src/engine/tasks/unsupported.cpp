// Keywords that this build parses and validates but cannot run: the task faults, and says so.
#include "engine/tasks/registry.h"

namespace auterity::engine {
namespace {

class UnsupportedBehaviour final : public TaskBehaviour {
 public:
  void begin(Progress& progress, Activation& self) const override {
    const std::string& keyword = std::get<UnsupportedTask>(self.task->body).keyword;
    progress.fail(self, make_error(StandardError::configuration,
                                   "this version cannot run '" + keyword + "' tasks", {}));
  }
};

}  // namespace

const TaskBehaviour& unsupported_behaviour() {
  static const UnsupportedBehaviour behaviour;
  return behaviour;
}

}  // namespace auterity::engine
