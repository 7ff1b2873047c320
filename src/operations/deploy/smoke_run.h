#pragma once
// What a version must be able to do before it gets a request: read a definition, evaluate an
// expression, make an execution durable and end it.
#include <string>

#include "operations/deploy/replica_client.h"

namespace auterity::operations {

// Publishes a small workflow through `replica`, runs it and looks at its output; answers the
// execution. failed when it did not end as it should.
Async<Result<Json>> run_smoke_workflow(ReplicaClient replica, std::string token);

}  // namespace auterity::operations
