#include "engine/executor/outcomes.h"

#include "engine/execution/value.h"

namespace auterity::engine {

void Outcomes::remember(ExecutionView view) {
  constexpr std::size_t kRow = 512;  // everything but the documents
  const Uuid id = view.id;
  std::size_t bytes = kRow;
  for (const Json* document : {&view.input, &view.output, &view.error})
    bytes += approximate_size(*document, kMaxBytes);
  if (bytes < kMaxBytes && views_.try_emplace(id, std::move(view), bytes).second) {
    order_.push_back(id);
    bytes_ += bytes;
    while (bytes_ > kMaxTotalBytes || order_.size() > kMaxTotalBytes / kRow) forget_oldest();
  }
  notify(id);
}

void Outcomes::forget_oldest() {
  take(order_.front());
  order_.pop_front();
}

std::optional<ExecutionView> Outcomes::take(const Uuid& id) {
  auto found = views_.extract(id);
  if (found.empty()) return std::nullopt;
  bytes_ -= found.mapped().bytes;
  return std::move(found.mapped().view);
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
