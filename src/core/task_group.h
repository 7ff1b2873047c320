#pragma once
// Structured concurrency: the only way to spawn. A group names its tasks, hands their exceptions to
// one handler, can be asked to stop (Asio cancellation of every task) and joined. A task that
// outlives its group is a bug, asserted in the destructor.
#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "core/async.h"

namespace auterity {

class TaskGroup {
 public:
  // Called on the group's executor when a task ends by an exception other than cancellation.
  using ErrorHandler = std::function<void(std::string_view task, std::exception_ptr error)>;

  TaskGroup(Executor executor, std::string name, ErrorHandler on_error);
  TaskGroup(const TaskGroup&) = delete;
  TaskGroup& operator=(const TaskGroup&) = delete;
  ~TaskGroup();

  // Starts `work`; refused silently after stop(). Returns whether it was started.
  bool spawn(std::string task, Async<void> work);
  // Requests cancellation of every running task; they end in their own time.
  void stop();
  // Completes when no task runs. Does not stop them by itself.
  Async<void> join();
  std::size_t running() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace auterity
