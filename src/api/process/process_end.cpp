#include "api/process/process_end.h"

#include <fmt/format.h>

#include "core/json.h"

namespace auterity::api {

void ProcessEnd::broke(std::string_view duty, const std::exception_ptr& error) {
  std::string what = "not a standard exception";
  try {
    std::rethrow_exception(error);
  } catch (const std::exception& e) {
    what = e.what();
  } catch (...) {
  }
  log_.error(role_, "a duty ended unexpectedly, and the process with it",
             {{"duty", Json(duty)}, {"exception", Json(what)}});
  if (outcome_)
    outcome_ = fail(ErrorKind::internal, fmt::format("the duty {} ended: {}", duty, what),
                    "report this; the supervisor starts the process anew");
  happened_.notify();
}

Async<void> ProcessEnd::ask(Async<void> stop) {
  co_await std::move(stop);
  asked_ = true;
  happened_.notify();
}

Async<Status> ProcessEnd::wait(TaskGroup& duties, Async<void> stop) {
  duties.spawn("stop", ask(std::move(stop)));
  while (!asked_ && outcome_) co_await happened_.wait();
  co_return outcome_;
}

}  // namespace auterity::api
