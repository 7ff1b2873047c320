#pragma once
// Children of this process behind Processes: posix_spawn-like start in a process group of their
// own, output read on the event loop, exit learnt by pidfd, so that no signal handler and no
// waiting thread is needed.
#include "core/clock.h"
#include "core/processes.h"

namespace auterity {

class SystemProcesses final : public Processes {
 public:
  explicit SystemProcesses(Clock& clock);
  Async<Result<ProcessOutcome>> run(ProcessRequest request) override;

 private:
  Clock& clock_;
};

}  // namespace auterity
