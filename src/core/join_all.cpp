#include "core/join_all.h"

#include "core/finally.h"

namespace auterity {
namespace {

Async<Status> joined(TaskGroup& group) {
  co_await group.join();
  co_return Status{};
}

Async<void> end(TaskGroup& group) {
  group.stop();
  co_await group.join();
}

}  // namespace

Async<void> join_all(TaskGroup& group) {
  [[maybe_unused]] const Status done = co_await finally(joined(group), end(group));
}

}  // namespace auterity
