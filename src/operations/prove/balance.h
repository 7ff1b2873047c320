#pragma once
// The end of a load: waits until everything that was started has ended, holds what the platform has
// against what it acknowledged, and removes what the API lets it remove.
#include "core/task_group.h"
#include "operations/prove/load_client.h"

namespace auterity::operations {

class Balance {
 public:
  explicit Balance(Executor executor, LoadWorld& world)
      : executor_(std::move(executor)), world_(world), client_(executor_, world) {}

  // Fills in the rest of the world's report; says there what could not be balanced or removed.
  Async<void> settle();

 private:
  Async<Status> find_executions();
  Async<Status> wait_for_ends();
  Async<Result<Json>> page(std::string query);
  // Compares and removes; several side by side.
  Async<void> settle_uploads();
  Async<void> settle_next_uploads();
  Async<void> remove_workflow();

  Executor executor_;
  LoadWorld& world_;
  LoadClient client_;
  std::size_t next_upload_ = 0;
  std::uint64_t files_left_ = 0;
};

}  // namespace auterity::operations
