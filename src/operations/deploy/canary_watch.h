#pragma once
// Watches a new version while it serves a share of the requests, and judges it at the end. Ends
// early when it is plainly worse: a process of it died, or so many requests fail that chance is out
// of the question. Fills up with synthetic requests where there are too few, and says so.
// Somebody's wish to turn back and dead processes are looked for many times a second, the log is
// read as often; the requests are judged once a second, since that takes longer the more of them
// there are.
#include "operations/deploy/canary_pace.h"
#include "operations/deploy/canary_sampler.h"
#include "operations/deploy/deploy_world.h"
#include "operations/deploy/synthetic_requests.h"
#include "targets/local/log_tail.h"

namespace auterity::operations {

struct WatchResult {
  CanaryVerdict verdict;
  CanarySamples samples;
};

class CanaryWatch {
 public:
  // `compared`: against the baseline pool; else the new version alone, held against the limit.
  CanaryWatch(DeployWorld& world, local::Platform platform, bool compared);

  // For the request's bake time, and up to a minute longer until there are enough requests.
  Async<Result<WatchResult>> run();

 private:
  Status read_log();
  // Judges the requests so far when it is time to; nullopt: it is not.
  std::optional<StageLook> look(Duration elapsed);
  // What speaks against the new version that no log line says.
  Async<Result<std::optional<std::string>>> find_fault();

  DeployWorld& world_;
  local::Platform platform_;
  bool compared_;
  local::LogTail log_;
  SyntheticRequests synthetic_;
  CanarySampler sampler_;
  Duration next_look_;  // since the stage began
};

}  // namespace auterity::operations
