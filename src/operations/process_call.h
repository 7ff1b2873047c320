#pragma once
// Running a program whose success is all that matters: its exit code decides, and its error output
// is the message.
#include <string>
#include <vector>

#include "core/async.h"
#include "core/error.h"
#include "core/processes.h"

namespace auterity::operations {

Async<Status> call(Processes& processes, std::vector<std::string> arguments);
// Answers what it wrote to its standard output. `request.arguments` is shown in the message, so it
// holds no secret.
Async<Result<std::string>> call(Processes& processes, ProcessRequest request);

}  // namespace auterity::operations
