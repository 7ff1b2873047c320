#include "engine/executor/outcomes.h"

#include "engine/execution/value.h"

namespace auterity::engine {

void Outcomes::remember(ExecutionView view) {
  const Uuid id = view.id;
  if (approximate_size(view.output, kMaxBytes) < kMaxBytes &&
      approximate_size(view.error, kMaxBytes) < kMaxBytes &&
      approximate_size(view.input, kMaxBytes) < kMaxBytes) {
    if (views_.insert_or_assign(id, std::move(view)).second) order_.push_back(id);
    while (order_.size() > kMaxViews) {
      views_.erase(order_.front());
      order_.pop_front();
    }
  }
  notify(id);
}

std::optional<ExecutionView> Outcomes::take(const Uuid& id) {
  auto found = views_.extract(id);
  if (found.empty()) return std::nullopt;
  return std::move(found.mapped());
}

void Outcomes::notify(const Uuid& id) {
  const auto found = waited_for_.find(id);
  if (found == waited_for_.end()) return;
  if (const auto signal = found->second.lock()) signal->notify();
}

// The last of those who wait for an execution takes its entry away, however its wait ends.
class Outcomes::Waiter {
 public:
  Waiter(Outcomes& outcomes, const Uuid& id)
      : outcomes_(outcomes), id_(id), signal_(outcomes.waited_for_[id].lock()) {
    if (!signal_) signal_ = std::make_shared<Signal>(outcomes.executor_);
    outcomes_.waited_for_[id] = signal_;
  }
  Waiter(const Waiter&) = delete;
  Waiter& operator=(const Waiter&) = delete;
  ~Waiter() {
    if (signal_.use_count() == 1) outcomes_.waited_for_.erase(id_);
  }
  Signal& signal() { return *signal_; }

 private:
  Outcomes& outcomes_;
  Uuid id_;
  std::shared_ptr<Signal> signal_;
};

Async<void> Outcomes::wait(Uuid id, Clock& clock, Duration limit) {
  Waiter waiter(*this, id);
  co_await waiter.signal().wait(clock, limit);
}

}  // namespace auterity::engine
