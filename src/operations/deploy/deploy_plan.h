#pragma once
// The plan of a deploy: which steps bring a release in, in which order, and what undoing it means
// for each. Pure. The order is what keeps requests and executions safe: everything is checked
// before anything moves; the schema grows, after a verified restore point, before new processes
// start; new processes are proven before they get a request; requests move step by step; the old
// pool stays warm until the new one has been watched for a while.
#include <string>
#include <string_view>

#include "operations/deploy/deploy_facts.h"
#include "operations/plan.h"

namespace auterity::operations {

// Names of steps; those of services follow ("start-green-api-1"). The restore point and each
// migration have the names that `migrate up` gives them.
namespace deploy_step {
inline constexpr std::string_view kCheck = "check";
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

// conflict when the new release cannot work with the schema, or the old one not with what the new
// one makes of it: both use it until the last step. A rollback neither checks nor migrates, since
// it mends.
Result<Plan> plan_deploy(const DeployFacts& facts);

// Which step of a canary it is: 10 of "canary-10"; 0 for other names.
int canary_percent(std::string_view step);

}  // namespace auterity::operations
