#pragma once
// The journal of an environment's operations: one file of JSON lines per operation, appended and
// fsynced record by record, never rewritten. A last line that a crash cut short counts as not
// written. The local target keeps it in operations/ of the state folder; it is never in the
// database that is being operated on.
#include <optional>
#include <string>
#include <vector>

#include "operations/journal/history.h"

namespace auterity::operations {

class Journal {
 public:
  virtual ~Journal() = default;
  // Durable before it returns.
  virtual Status append(const std::string& operation_id, const Record& record) = 0;
  // not_found when there is no such operation.
  virtual Result<OperationHistory> load(const std::string& operation_id) = 0;
  // Of every operation that was begun, whether its journal can be read or not, oldest first.
  virtual Result<std::vector<std::string>> ids() = 0;
  // All operations, oldest first; the first error of those that cannot be read.
  virtual Result<std::vector<OperationHistory>> list() = 0;
};

// The latest operation that has not ended, if any: at most one can be. A journal that cannot be
// read is an error only while nothing has ended since it was begun: it may be the one.
Result<std::optional<OperationHistory>> find_unfinished(Journal& journal);
// An operation by its whole id or an unambiguous tail or head of it; "latest" is the newest. The
// journals of others need not be readable.
Result<OperationHistory> find_operation(Journal& journal, std::string_view id);
// The whole id of what find_operation() would answer.
Result<std::string> find_operation_id(Journal& journal, std::string_view id);

}  // namespace auterity::operations
