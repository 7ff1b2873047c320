#pragma once
// The journal of an environment's operations: one file of JSON lines per operation, appended and
// fsynced record by record, never rewritten. A last line that a crash cut short counts as not
// written. The local target keeps it in operations/ of the state folder; it is never in the
// database that is being operated on.
#include <optional>
#include <string>
#include <vector>

#include "operations/history.h"

namespace auterity::operations {

class Journal {
 public:
  virtual ~Journal() = default;
  // Durable before it returns.
  virtual Status append(const std::string& operation_id, const Record& record) = 0;
  // not_found when there is no such operation.
  virtual Result<OperationHistory> load(const std::string& operation_id) = 0;
  // All operations, oldest first.
  virtual Result<std::vector<OperationHistory>> list() = 0;
};

// The latest operation that has not ended, if any: at most one can be.
Result<std::optional<OperationHistory>> find_unfinished(Journal& journal);
// An operation by its whole id or an unambiguous tail or head of it; "latest" is the newest.
Result<OperationHistory> find_operation(Journal& journal, std::string_view id);

}  // namespace auterity::operations
