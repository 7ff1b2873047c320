#pragma once
// A step whose effect stays when its operation is undone (UndoPolicy::keep); the runner never asks
// it to undo.
#include "operations/step.h"

namespace auterity::operations {

class KeptStep : public Step {
 public:
  Async<Status> undo() final { co_return Status{}; }
};

}  // namespace auterity::operations
