#pragma once
// Waiting for tasks in a way that outlives the waiter's patience.
#include "core/async.h"
#include "core/task_group.h"

namespace auterity {

// Completes when no task of the group runs. A caller that is cancelled meanwhile (its deadline has
// passed, or somebody pressed Ctrl-C) stops the tasks and waits for them to tidy up first.
Async<void> join_all(TaskGroup& group);

}  // namespace auterity
