#include "engine/executor/signal.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

namespace auterity::engine {
namespace asio = boost::asio;

namespace {

Async<void> throw_if_cancelled() {
  const auto state = co_await asio::this_coro::cancellation_state;
  if (state.cancelled() != asio::cancellation_type::none)
    throw boost::system::system_error(asio::error::operation_aborted);
}

}  // namespace

Signal::Signal(Executor executor) : never_(std::move(executor)) {
  never_.expires_at(asio::steady_timer::time_point::max());
}

void Signal::notify() { never_.cancel(); }

Async<void> Signal::wait() {
  boost::system::error_code woken;
  co_await never_.async_wait(asio::redirect_error(asio::use_awaitable, woken));
  co_await throw_if_cancelled();
}

Async<bool> Signal::wait(Clock& clock, Duration limit) {
  if (limit <= Duration::zero()) co_return false;
  auto executor = co_await asio::this_coro::executor;
  const auto [order, wait_error, sleep_error] =
      co_await asio::experimental::make_parallel_group(
          never_.async_wait(asio::deferred),
          asio::co_spawn(executor, clock.sleep(limit), asio::deferred))
          .async_wait(asio::experimental::wait_for_one(), asio::use_awaitable);
  co_await throw_if_cancelled();
  co_return order[0] == 0;
}

}  // namespace auterity::engine
