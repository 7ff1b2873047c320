#pragma once
// Steps of up that lay out files: service-user, state-folder, credentials, release. All are kept
// when up is undone.
#include <memory>
#include <string>

#include "operations/local_context.h"
#include "operations/step.h"

namespace auterity::operations {

// nullptr when the name is none of these.
std::unique_ptr<Step> make_folder_step(LocalContext& context, const local::Platform& platform,
                                       const std::string& name);

}  // namespace auterity::operations
