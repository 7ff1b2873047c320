#include "engine/execution/execution.h"

#include <boost/json/object.hpp>

namespace auterity::engine {

Execution make_execution(SurroundingsPtr surroundings, Value input) {
  Execution execution;
  execution.surroundings = std::move(surroundings);
  execution.raw_input = std::move(input);
  execution.context = make_value(JsonObject{});
  return execution;
}

const Activation* find_activation(const Execution& execution, ActivationId id) {
  const auto found = execution.activations.find(id);
  return found == execution.activations.end() || found->second.ended ? nullptr : &found->second;
}

}  // namespace auterity::engine
