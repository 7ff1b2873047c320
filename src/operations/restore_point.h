#pragma once
// A verified point to come back to, made before something that cannot be taken back. What counts is
// what was restored and compared: an implementation answers a restore point only after that. The
// step that makes one is `keep`: it stays when the operation is undone.
#include <optional>
#include <string>

#include "core/async.h"
#include "core/error.h"
#include "core/time.h"

namespace auterity::operations {

struct RestorePoint {
  std::string name;      // "before-0006-20261124T103000Z"
  std::string location;  // where it lies, for a person
  std::string evidence;  // how it was verified; no secret
  // The state that it holds, and when that was restored and compared; nullopt: not recorded.
  std::optional<Time> taken_at = std::nullopt;
  std::optional<Time> verified_at = std::nullopt;
};

class RestorePoints {
 public:
  virtual ~RestorePoints() = default;
  // The verified one of that name; nullopt when there is none, or when it was cut short.
  virtual Async<Result<std::optional<RestorePoint>>> find(std::string name) = 0;
  // Takes it, restores it beside the live database, and compares. Safe to repeat. failed when what
  // was restored differs.
  virtual Async<Result<RestorePoint>> make(std::string name) = 0;
  // Restores it into `database`, an empty one of the same server.
  virtual Async<Status> restore_into(std::string name, std::string database) = 0;
};

}  // namespace auterity::operations
