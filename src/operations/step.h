#pragma once
// One step of an operation: an effect on the world with a postcondition that can be looked at. The
// runner journals around it, so that a step may be cut off anywhere: apply() and undo() must be
// safe to repeat and must cope with what a dead process left half done. observe() changes nothing,
// ever; it is what success is judged by.
#include <string>

#include "core/async.h"
#include "core/error.h"

namespace auterity::operations {

struct Observation {
  bool holds = false;    // the step's postcondition
  std::string evidence;  // what was seen, for the journal and a person; no secret
};

class Step {
 public:
  virtual ~Step() = default;
  virtual Async<Result<Observation>> observe() = 0;
  virtual Async<Status> apply() = 0;
  // Takes the effect back; called only for steps planned with UndoPolicy::undo, also after an
  // apply() that failed or was cut off. Afterwards observe() must not hold any more.
  virtual Async<Status> undo() = 0;
  // Called instead for steps planned with UndoPolicy::keep when their apply() failed or was cut
  // off: whatever it had put out of work for a moment works again. Safe to repeat.
  virtual Async<Status> settle() { co_return Status{}; }
};

}  // namespace auterity::operations
