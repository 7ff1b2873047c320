#pragma once
// Watches a new version while it serves a share of the requests, and judges it at the end. Ends
// early when it is plainly worse: a process of it died, or so many requests fail that chance is out
// of the question. Fills up with synthetic requests where there are too few, and says so.
#include <vector>

#include "operations/deploy/canary_verdict.h"
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
  // What speaks against the new version that no log line says.
  Async<Result<std::optional<std::string>>> find_fault();

  DeployWorld& world_;
  local::Platform platform_;
  bool compared_;
  local::LogTail log_;
  SyntheticRequests synthetic_;
  Time from_;
  std::vector<RequestRecord> requests_;
  CanarySamples samples_;
};

}  // namespace auterity::operations
