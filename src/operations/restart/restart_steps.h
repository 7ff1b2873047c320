#pragma once
// The effects of restart's steps.
#include <memory>
#include <string>
#include <string_view>

#include "operations/restart/restart.h"
#include "operations/step.h"

namespace auterity::operations {

// Names of steps; those of services follow ("restart-postgres").
namespace restart_step {
inline constexpr std::string_view kEvidence = "evidence";
inline constexpr std::string_view kDrain = "drain-";
inline constexpr std::string_view kRestart = "restart-";
inline constexpr std::string_view kReturn = "return-";
inline constexpr std::string_view kReload = "reload-";
inline constexpr std::string_view kHealthAfter = "health-";
inline constexpr std::string_view kHealth = "health";
}  // namespace restart_step

// nullptr when restart has no such step. `platform` outlives the step.
std::unique_ptr<Step> make_restart_step(LocalContext& context, const local::Platform& platform,
                                        const RestartRequest& request,
                                        std::string_view operation_id, const std::string& name);

// Of the HAProxy process that takes connections now; 0 when none answers.
Async<int> haproxy_worker_pid(LocalContext& context, local::Platform platform);

}  // namespace auterity::operations
