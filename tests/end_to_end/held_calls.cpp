#include "held_calls.h"

namespace auterity::end_to_end {

// The server has one thread: the first call waits in the handler, others in their connections, sent
// but not read yet.
HeldCalls::HeldCalls()
    : server_([this](const harness::StandInRequest& request) { return answer(request); }) {}

harness::StandInAnswer HeldCalls::answer(const harness::StandInRequest& request) {
  std::unique_lock lock(mutex_);
  const auto key = request.headers.find("idempotency-key");
  ++calls_[key == request.headers.end() ? "" : key->second];
  ++waiting_;
  released_.wait(lock, [this] { return !holding_; });
  --waiting_;
  return {.headers = {{"content-type", "application/json"}}, .body = request.body};
}

void HeldCalls::release() {
  const std::lock_guard lock(mutex_);
  holding_ = false;
  released_.notify_all();
}

void HeldCalls::hold() {
  const std::lock_guard lock(mutex_);
  holding_ = true;
}

bool HeldCalls::holds_one() const {
  const std::lock_guard lock(mutex_);
  return waiting_ > 0;
}

std::map<std::string, int> HeldCalls::calls() const {
  const std::lock_guard lock(mutex_);
  return calls_;
}

}  // namespace auterity::end_to_end
