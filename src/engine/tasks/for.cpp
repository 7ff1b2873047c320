// for: the list once for each item; the output of one iteration is the input of the next, and the
// last one's is the task's. `while` is asked before each iteration about the data so far; `exit`
// within the list ends the iteration, not the loop.
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "engine/expression/evaluator.h"
#include "engine/tasks/registry.h"

namespace auterity::engine {
namespace {

enum Step : std::uint16_t { collection, condition, iteration };

const ForTask& task_of(const Activation& self) { return std::get<ForTask>(self.task->body); }

std::string_view kind_of(const Json& value) {
  if (value.is_null()) return "null";
  if (value.is_object()) return "an object";
  if (value.is_string()) return "a string";
  return value.is_bool() ? "a boolean" : "a number";
}

class ForBehaviour final : public TaskBehaviour {
 public:
  void begin(Progress& progress, Activation& self) const override {
    progress.ask(self, Step::collection);
  }

  Question question(const Execution&, const Activation& self) const override {
    if (self.step == Step::collection) return {.what = &task_of(self).in, .data = self.input};
    return {.what = &*task_of(self).while_condition, .data = self.raw_output};
  }

  void answered(Progress& progress, Activation& self, Value answer) const override {
    if (self.step == Step::condition) {
      if (is_truthy(*answer)) return progress.run_list(self, Step::iteration, self.raw_output);
      return progress.complete(self, self.raw_output);
    }
    if (!answer->is_array())
      return progress.fail(
          self, make_error(StandardError::expression,
                           "for.in must yield an array, not " + std::string(kind_of(*answer)), {}));
    self.items = std::move(answer);
    self.raw_output = self.input;
    iterate(progress, self);
  }

  const TaskList& list(const Execution&, const Activation& self) const override {
    return task_of(self).tasks;
  }

  void list_ended(Progress& progress, Activation& self, Value output) const override {
    self.raw_output = std::move(output);
    ++self.index;
    iterate(progress, self);
  }

 private:
  void iterate(Progress& progress, Activation& self) const {
    const ForTask& task = task_of(self);
    const JsonArray& items = self.items->get_array();
    if (self.index >= items.size() || task.tasks.empty())
      return progress.complete(self, self.raw_output);
    self.locals = make_value(JsonObject{{task.each, items[self.index]}, {task.at, self.index}});
    if (task.while_condition)
      progress.ask(self, Step::condition);
    else
      progress.run_list(self, Step::iteration, self.raw_output);
  }
};

}  // namespace

const TaskBehaviour& for_behaviour() {
  static const ForBehaviour behaviour;
  return behaviour;
}

}  // namespace auterity::engine
