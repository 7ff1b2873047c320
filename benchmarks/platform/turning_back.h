#pragma once
// How long requests take to return to the old release while it is warm: from the decision to the
// weights that the load balancer confirms, by the product's own steps, under load. The platform is
// left as it was found.
#include <string>
#include <vector>

#include "core/async.h"
#include "core/error.h"
#include "operations/local_context.h"

namespace auterity::benchmark {

struct TurningBack {
  operations::LocalContext& context;
  std::string front;  // public address of the platform that `context` is about
  int moves = 200;
};

// Milliseconds of each move. Packages and deploys a release of the same program as far as its first
// canary, which it interrupts and takes back at the end.
Async<Result<std::vector<double>>> measure_turning_back(TurningBack subject);

}  // namespace auterity::benchmark
