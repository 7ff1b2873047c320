#pragma once
// What a deploy was asked for and what was chosen when it was planned: written to the journal, so
// that a deploy that was cut off is gone on with as it began. No secret.
#include <string>
#include <vector>

#include "core/error.h"
#include "core/json.h"
#include "core/time.h"
#include "operations/deploy/canary_verdict.h"
#include "targets/local/platform.h"

namespace auterity::operations {

struct DeployRequest {
  std::string version;  // of the release that is brought in
  std::string release_digest;
  std::string stable;     // colour of the pool in use
  std::string candidate;  // colour of the new pool
  std::string old_version;
  int replicas = 0;  // of the candidate and, where a stage compares, of the baseline
  int workers = 0;
  std::vector<int> canary{10, 50, 100};
  Duration bake{};                 // on each stage of the canary, and after the last one
  std::string evidence;            // name of the folder that holds samples and verdicts
  std::string restore_point = {};  // made before the schema grows; empty: it does not
  CanaryThresholds thresholds;
};
// New replicas of the old version that any stage compares the new one with; 0: no stage compares.
int compared_replicas(const DeployRequest& request);
JsonObject to_json(const DeployRequest& request);
// invalid_input for a journal of another version.
Result<DeployRequest> parse_deploy_request(const JsonObject& value);

// The platform as it is at the stages of a deploy. Pure.
// The stable pool with all requests, beside it the candidate and, where a stage compares, the
// baseline without any.
local::Platform with_new_pools(local::Platform platform, const DeployRequest& request);
// `percent` of the requests on the candidate, as much on the baseline, the rest on the stable pool.
local::Platform with_shares(local::Platform platform, const DeployRequest& request, int percent);
// The pool of `colour` first: it is the one in use.
local::Platform with_pool_in_use(local::Platform platform, std::string_view colour);
// Only the candidate is left.
local::Platform with_candidate_alone(local::Platform platform, const DeployRequest& request);

}  // namespace auterity::operations
