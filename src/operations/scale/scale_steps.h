#pragma once
// The effects of scale's steps.
#include <memory>
#include <string>
#include <string_view>

#include "operations/local_context.h"
#include "operations/step.h"

namespace auterity::operations {

// Names of steps; those of services follow ("start-blue-api-3").
namespace scale_step {
inline constexpr std::string_view kStart = "start-";
inline constexpr std::string_view kDrain = "drain-";
inline constexpr std::string_view kSizes = "sizes";
inline constexpr std::string_view kRetire = "retire-";
inline constexpr std::string_view kHealth = "health";
}  // namespace scale_step

// nullptr when scale has no such step. Both platforms outlive the step.
std::unique_ptr<Step> make_scale_step(LocalContext& context, const local::Platform& before,
                                      const local::Platform& after, const std::string& name);

}  // namespace auterity::operations
