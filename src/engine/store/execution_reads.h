#pragma once
// What people see of executions: one, a list, a history. Purpose: the reading part of the execution
// store. Lists are keyset pages, newest first, each from one index whatever the number of rows.
#include <string>
#include <vector>

#include "data/database.h"
#include "engine/store/execution_records.h"
#include "engine/store/execution_store.h"
#include "engine/store/payloads.h"

namespace auterity::engine {

class ExecutionReads {
 public:
  ExecutionReads(data::Database& database, Payloads& payloads)
      : database_(database), payloads_(payloads) {}

  // As in ExecutionStore.
  Async<Result<ExecutionView>> find(Uuid id);
  Async<Result<std::vector<ExecutionView>>> list(ExecutionFilter filter);
  Async<Result<std::vector<HistoryEvent>>> history(Uuid id, std::int64_t after, std::size_t limit);
  Async<Result<ClaimedExecution>> inspect(Uuid id);

 private:
  Async<Result<ExecutionView>> view_of(data::RowsPtr rows, std::size_t row);
  Async<Result<Json>> document(Uuid id, std::optional<std::string> stored);

  data::Database& database_;
  Payloads& payloads_;
};

}  // namespace auterity::engine
