#pragma once
// What no single key of an environment file can tell: keys that contradict each other, sizes and
// names that do not exist, and secrets written where an address or a path belongs. Pure. A message
// names the place of the value, and never repeats one that may hold a secret.
#include "core/error.h"
#include "operations/environment/environment.h"

namespace auterity::operations {

// invalid_input for the first rule that is broken.
Status check_rules(const EnvironmentFile& environment);

}  // namespace auterity::operations
