#pragma once
// The plan of a deploy: which steps bring a release in, in which order, and what undoing it means
// for each. Pure. The order is what keeps requests and executions safe: the schema grows before new
// processes start; new processes are proven before they get a request; requests move step by step;
// the old pool stays warm until the new one has been watched for a while.
#include <string>
#include <string_view>
#include <vector>

#include "operations/deploy/deploy_request.h"
#include "operations/plan.h"

namespace auterity::operations {

// Names of steps; those of services follow ("start-green-api-1").
namespace deploy_step {
inline constexpr std::string_view kSchema = "schema";
inline constexpr std::string_view kPools = "pools";
inline constexpr std::string_view kStart = "start-";
inline constexpr std::string_view kGate = "gate";
inline constexpr std::string_view kSmoke = "smoke";
inline constexpr std::string_view kCanary = "canary-";
inline constexpr std::string_view kInUse = "in-use";
inline constexpr std::string_view kWeb = "web";
inline constexpr std::string_view kHandOver = "hand-over";
inline constexpr std::string_view kStop = "stop-";
inline constexpr std::string_view kBake = "bake";
inline constexpr std::string_view kRetire = "retire-";
inline constexpr std::string_view kForget = "forget";
}  // namespace deploy_step

struct DeployFacts {
  std::string environment;
  DeployRequest request;
  std::vector<std::string> pending_migrations;  // "0006_name"
  int old_replicas = 0;                         // of the pool in use
  int old_workers = 0;
};
Plan plan_deploy(const DeployFacts& facts);

// Which step of a canary it is: 10 of "canary-10"; 0 for other names.
int canary_percent(std::string_view step);

}  // namespace auterity::operations
