#pragma once
// Who waits for executions to end, and the outcomes that nobody has fetched yet. Purpose: a start
// that waits is answered without reading the store when the execution ends in this process. What is
// remembered is bounded by number and size and handed out once.
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <unordered_map>

#include "engine/executor/signal.h"
#include "engine/store/execution_store.h"

namespace auterity::engine {

class Outcomes {
 public:
  explicit Outcomes(Executor executor) : executor_(std::move(executor)) {}

  // An execution has ended here.
  void remember(ExecutionView view);
  std::optional<ExecutionView> take(const Uuid& id);
  // Something about it has changed.
  void notify(const Uuid& id);
  // Completes at the next notify(id), or after `limit`.
  Async<void> wait(Uuid id, Clock& clock, Duration limit);

 private:
  class Waiter;
  static constexpr std::size_t kMaxBytes = 64u
                                           << 10;  // of one, larger ones are read from the store
  static constexpr std::size_t kMaxTotalBytes = 4u << 20;

  struct Remembered {
    ExecutionView view;
    std::size_t bytes = 0;
  };
  void forget_oldest();

  Executor executor_;
  std::unordered_map<Uuid, Remembered> views_;
  std::deque<Uuid>
      order_;  // oldest first; ids of views that were taken stay until they are the oldest
  std::size_t bytes_ = 0;
  std::unordered_map<Uuid, std::weak_ptr<Signal>> waited_for_;
};

}  // namespace auterity::engine
