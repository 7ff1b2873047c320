// emit: one CloudEvent 1.0; the output is the event as it was sent. What the author leaves out is
// filled in so that a repetition after a crash sends the very same event: the id from this run of
// the task, the time from its start.
#include <boost/json/object.hpp>

#include "engine/execution/decide.h"
#include "engine/tasks/registry.h"

namespace auterity::engine {
namespace {

enum Step : std::uint16_t { event, sending };

Json complete_event(const Execution& execution, const Activation& self, const Json& written) {
  const Definition& definition = execution.definition();
  JsonObject event;
  event["specversion"] = "1.0";
  event["id"] = effect_key(execution, self);
  event["source"] = "/" + definition.name_space + "/" + definition.name + "/" + definition.version;
  event["time"] = to_rfc3339(self.started_at);
  for (const auto& [name, value] : written.get_object()) event[name] = value;
  return event;
}

// What is wrong with the event by CloudEvents 1.0, or empty.
std::string find_mistake(const Json& event) {
  for (const std::string_view name : {"id", "source", "specversion", "type"}) {
    const std::string_view text = string_or(find_member(event, name), "");
    if (text.empty())
      return "the event's " + std::string(name) + " must be a text that is not empty";
  }
  const Json* time = find_member(event, "time");
  if (!time->is_string() || !parse_rfc3339(time->get_string()))
    return "the event's time must be an RFC 3339 date and time";
  return {};
}

class EmitBehaviour final : public TaskBehaviour {
 public:
  void begin(Progress& progress, Activation& self) const override {
    progress.ask(self, Step::event);
  }

  Question question(const Execution&, const Activation& self) const override {
    return {.what = &std::get<EmitTask>(self.task->body).event, .data = self.input};
  }

  void answered(Progress& progress, Activation& self, Value answer) const override {
    if (!answer->is_object())
      return progress.fail(
          self, make_error(StandardError::validation, "emit.event.with must yield an object", {}));
    Json event = complete_event(progress.execution(), self, *answer);
    if (std::string mistake = find_mistake(event); !mistake.empty())
      return progress.fail(self, make_error(StandardError::validation, std::move(mistake), {}));
    self.arguments.assign(1, make_value(std::move(event)));
    progress.request_effect(self, Step::sending);
  }

  bool has_effect() const override { return true; }
  EffectKind effect_kind() const override { return EffectKind::emit; }
  Json effect_arguments(const Execution&, const Activation& self) const override {
    return *self.arguments.front();
  }
};

}  // namespace

const TaskBehaviour& emit_behaviour() {
  static const EmitBehaviour behaviour;
  return behaviour;
}

}  // namespace auterity::engine
