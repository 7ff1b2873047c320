#pragma once
// The role work: claims executions and carries out the platform's duties (schedules, partitions and
// retention, the checker of wake reasons, tokens and files that have expired). No HTTP but its own
// metrics.
#include <memory>

#include "api/process/engine_host.h"
#include "api/process/process_settings.h"

namespace auterity::api {

class WorkerProcess {
 public:
  static Result<std::unique_ptr<WorkerProcess>> make(Outside outside, ProcessSettings settings);
  ~WorkerProcess();

  // The metrics endpoint; conflict when its address is taken.
  Status listen();
  // Works until `stop` completes, then hands over what it runs, within 30 seconds.
  Async<Status> run(Async<void> stop);

 private:
  WorkerProcess();
  struct Parts;

  std::unique_ptr<Parts> parts_;
};

}  // namespace auterity::api
