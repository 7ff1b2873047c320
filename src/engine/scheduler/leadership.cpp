#include "engine/scheduler/leadership.h"

namespace auterity::engine {

Async<Result<bool>> Leadership::hold() {
  const Duration asked_at = clock_.monotonic();
  if (is_trusted() && asked_at < renew_at_) co_return true;
  auto term = co_await store_.acquire(name_, holder_, lease_);
  if (!term) {
    // A trust that has not run out is still good: nobody else can have been given the lease.
    if (is_trusted()) co_return true;
    co_return std::unexpected(std::move(term).error());
  }
  if (!*term) {
    trusted_until_ = Duration{};
    co_return false;
  }
  term_ = **term;
  trusted_until_ = asked_at + lease_ * 2 / 3;
  renew_at_ = asked_at + lease_ / 3;
  co_return true;
}

Async<Status> Leadership::resign() {
  trusted_until_ = Duration{};
  co_return co_await store_.resign(name_, holder_);
}

}  // namespace auterity::engine
