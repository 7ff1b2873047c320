#pragma once
// Steps of up that are about data: postgres-cluster, database, schema, administrator. All are kept
// when up is undone.
#include <memory>
#include <string>

#include "operations/local_context.h"
#include "operations/step.h"

namespace auterity::operations {

// nullptr when the name is none of these.
std::unique_ptr<Step> make_database_step(LocalContext& context, const local::Platform& platform,
                                         const std::string& name);

}  // namespace auterity::operations
