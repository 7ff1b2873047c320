#pragma once
// What must hold of the platform's data and what only the engine knows how to look for: executions
// that nobody will ever wake, rows without their counterpart. Declared here so that operations work
// without the engine; its store implements it and the program hands it in.
#include <string>
#include <vector>

#include "core/async.h"
#include "core/error.h"

namespace auterity::operations {

struct InvariantViolation {
  std::string id;           // "executions-without-wake-reason"
  std::string evidence;     // how many, and a few examples
  std::string consequence;  // for the platform
  std::string mend;
};

class PlatformInvariants {
 public:
  virtual ~PlatformInvariants() = default;
  // Looks, changes nothing, and ends within bounded time. unavailable when it cannot look: every
  // operation still ends correctly then, and says so.
  virtual Async<Result<std::vector<InvariantViolation>>> check() = 0;
};

}  // namespace auterity::operations
