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

Async<void> Outcomes::wait(Uuid id, Clock& clock, Duration limit) {
  std::shared_ptr<Signal> signal = waited_for_[id].lock();
  if (!signal) {
    signal = std::make_shared<Signal>(executor_);
    waited_for_[id] = signal;
  }
  co_await signal->wait(clock, limit);
  const bool last = signal.use_count() == 1;
  signal.reset();
  if (last) waited_for_.erase(id);
}

}  // namespace auterity::engine
