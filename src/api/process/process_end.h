#pragma once
// Why a process of the platform ends: it was asked to, or one of its duties ended by an exception,
// which is a bug. A process that goes on without a duty would look alive and not be; it ends in
// good order instead, with an error, and its supervisor starts it anew.
#include <exception>
#include <string>
#include <string_view>

#include "core/async.h"
#include "core/error.h"
#include "core/log.h"
#include "core/task_group.h"
#include "engine/executor/signal.h"

namespace auterity::api {

class ProcessEnd {
 public:
  // `role` names the process in the log, "api".
  ProcessEnd(Executor executor, Log& log, std::string role)
      : log_(log), role_(std::move(role)), happened_(std::move(executor)) {}

  // For the error handler of the group that the duties run in.
  void broke(std::string_view duty, const std::exception_ptr& error);
  // Completes once `stop` does; internal, naming the duty, when one broke first. `stop` runs in
  // `duties`.
  Async<Status> wait(TaskGroup& duties, Async<void> stop);

 private:
  Async<void> ask(Async<void> stop);

  Log& log_;
  std::string role_;
  engine::Signal happened_;
  bool asked_ = false;
  Status outcome_;
};

}  // namespace auterity::api
