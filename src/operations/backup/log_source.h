#pragma once
// Where a recovering cluster's log comes from, file by file.
#include <string>

#include "core/async.h"
#include "core/error.h"

namespace auterity::operations::backup {

class LogSource {
 public:
  virtual ~LogSource() = default;
  // Content for PostgreSQL's restore_command: a segment of full size, zeros where nothing is stored
  // yet, or a history file. not_found when there is nothing of that name; failed when what is there
  // is damaged, forbidden when another key sealed it.
  virtual Async<Result<std::string>> fetch(std::string name) = 0;
};

}  // namespace auterity::operations::backup
