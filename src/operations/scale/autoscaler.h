#pragma once
// The loop of autoscaling: look, decide, scale; every ten seconds. It runs as a supervised service
// of the platform, as the user who owns it, and changes sizes by the same operation that a person
// would start, so that the journal says who, when and why. One that is locked out waits for the
// next round.
#include <functional>

#include "operations/runner.h"
#include "operations/scale/scale_signals.h"

namespace auterity::operations {

class Autoscaler {
 public:
  // Makes a runner whose operations give `reason`.
  using MakeRunner = std::function<Runner(std::string reason)>;
  Autoscaler(LocalContext& context, EnvironmentFile environment, MakeRunner make_runner);

  // Until it is cancelled.
  Async<void> run();
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
