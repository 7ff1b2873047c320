#pragma once
// The effects of up's steps, one class each.
#include <memory>
#include <string>

#include "operations/local_context.h"
#include "operations/step.h"

namespace auterity::operations {

// not_found when up has no step of that name. `platform` outlives the step.
Result<std::unique_ptr<Step>> make_up_step(LocalContext& context, const local::Platform& platform,
                                           const std::string& name);

}  // namespace auterity::operations
