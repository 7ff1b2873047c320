#pragma once
// The loop of autoscaling: look, decide, scale. It runs as a supervised service of the platform, as
// the user who owns it, and changes sizes by the same operation that a person would start, so that
// the journal says who, when and why. One that is locked out waits for the next round. What must
// survive its own end is in the journal: when sizes last changed, for the cool-downs, and a change
// that it did not live to finish.
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "operations/runner.h"
#include "operations/scale/scale_signals.h"

namespace auterity::operations {

// As the journal names it, in the place of a person.
inline constexpr std::string_view kAutoscalerName = "autoscaler";

// When an operation last changed the sizes of a platform; nullopt: none did. `operations`: oldest
// first.
std::optional<Time> last_size_change(const std::vector<OperationHistory>& operations);

class Autoscaler {
 public:
  // Makes a runner whose operations give `reason`.
  using MakeRunner = std::function<Runner(std::string reason)>;
  Autoscaler(LocalContext& context, EnvironmentFile environment, MakeRunner make_runner);

  // Until it is cancelled.
  Async<void> run();
  // Takes up where an autoscaler before this one ended.
  Async<Status> take_up();
  // One round. An error is a round that came to nothing.
  Async<Status> run_once();

 private:
  LocalContext& context_;
  EnvironmentFile environment_;
  MakeRunner make_runner_;
  ScaleSettings settings_;
  ScaleSignals signals_;
  ScaleHistory history_;
};

}  // namespace auterity::operations
