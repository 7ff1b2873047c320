#pragma once
// A load beside a deploy, and its outcome: `auterity deploy --prove`. It has a thread and an event
// loop of its own, so that what the deploy does never delays a request, and speaks to the
// platform's public port as everybody does. Invariants: one sign-in and one workflow of its own a
// load; nothing of another's is touched; ending the object early stops the load at once and leaves
// its things where they are. Decides nothing about the deploy.
#include <memory>
#include <string>

#include "core/async.h"
#include "core/clock.h"
#include "core/error.h"
#include "core/random.h"
#include "operations/prove/proof_report.h"
#include "targets/local/platform.h"

namespace auterity::operations {

class Proof {
 public:
  static constexpr int kMostRequestsPerSecond = 100'000;

  // With credentials. Signs in, publishes the workflow and begins to send; unauthenticated or
  // unavailable when the platform does not let it.
  static Async<Result<std::unique_ptr<Proof>>> begin(Clock& clock, Random& random,
                                                     const local::Platform& platform,
                                                     int requests_per_second);
  ~Proof();

  // Ends the load, balances the books, and removes what it may. Once.
  Async<ProofReport> finish();

 private:
  struct State;
  explicit Proof(std::unique_ptr<State> state);

  std::unique_ptr<State> state_;
};

}  // namespace auterity::operations
