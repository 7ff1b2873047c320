// raise: an error of the author's own. Its instance is always the pointer of this task.
#include <boost/json/object.hpp>

#include "engine/tasks/registry.h"

namespace auterity::engine {
namespace {

class RaiseBehaviour final : public TaskBehaviour {
 public:
  void begin(Progress& progress, Activation& self) const override { progress.ask(self, 0); }

  Question question(const Execution&, const Activation& self) const override {
    return {.what = &std::get<RaiseTask>(self.task->body).error.properties, .data = self.input};
  }

  void answered(Progress& progress, Activation& self, Value answer) const override {
    const Json* type = find_member(*answer, "type");
    const Json* status = find_member(*answer, "status");
    if (type == nullptr || !type->is_string() || status == nullptr || !status->is_int64())
      return progress.fail(
          self,
          make_error(StandardError::validation,
                     "the error to raise needs a type (a URI) and a status (an integer)", {}));
    WorkflowError error = WorkflowError::from_json(*answer);
    error.instance.clear();
    progress.fail(self, std::move(error));
  }
};

}  // namespace

const TaskBehaviour& raise_behaviour() {
  static const RaiseBehaviour behaviour;
  return behaviour;
}

}  // namespace auterity::engine
