#include "cli/world.h"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace auterity::cli {

const std::string* find_variable(const EnvironmentVariables& variables, std::string_view name) {
  const auto found = variables.find(std::string(name));
  return found == variables.end() || found->second.empty() ? nullptr : &found->second;
}

// A timer that never fires by itself: cancelling it wakes every waiter.
struct StopSignal::State {
  explicit State(const Executor& executor)
      : timer(executor, boost::asio::steady_timer::time_point::max()) {}

  boost::asio::steady_timer timer;
  bool requested = false;
};

StopSignal::StopSignal(Executor executor) : state_(std::make_unique<State>(executor)) {}
StopSignal::~StopSignal() = default;

void StopSignal::request() {
  state_->requested = true;
  state_->timer.cancel();
}

bool StopSignal::requested() const { return state_->requested; }

Async<void> StopSignal::wait() {
  if (state_->requested) co_return;
  boost::system::error_code woken;
  co_await state_->timer.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, woken));
  if (!state_->requested && woken) throw boost::system::system_error(woken);
}

}  // namespace auterity::cli
