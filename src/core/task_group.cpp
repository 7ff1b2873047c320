#include "core/task_group.h"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>
#include <cassert>
#include <list>

namespace auterity {
namespace asio = boost::asio;

struct TaskGroup::State {
  State(Executor e, std::string n, ErrorHandler h)
      : executor(std::move(e)), name(std::move(n)), on_error(std::move(h)), idle(executor) {
    idle.expires_at(asio::steady_timer::time_point::max());
  }

  void finished(std::list<asio::cancellation_signal>::iterator signal, const std::string& task,
                std::exception_ptr error) {
    signals.erase(signal);
    if (error && !is_cancellation(error)) on_error(task, error);
    if (signals.empty()) idle.cancel();  // wakes join()
  }

  static bool is_cancellation(const std::exception_ptr& error) {
    try {
      std::rethrow_exception(error);
    } catch (const boost::system::system_error& e) {
      return e.code() == asio::error::operation_aborted;
    } catch (...) {
      return false;
    }
  }

  Executor executor;
  std::string name;
  ErrorHandler on_error;
  std::list<asio::cancellation_signal> signals;  // one a running task
  asio::steady_timer idle;  // never expires: a condition variable of the event loop
  bool stopped = false;
};

TaskGroup::TaskGroup(Executor executor, std::string name, ErrorHandler on_error)
    : state_(std::make_shared<State>(std::move(executor), std::move(name), std::move(on_error))) {}

TaskGroup::~TaskGroup() {
  assert(state_->signals.empty() && "a task outlives its group: stop() and join() first");
}

bool TaskGroup::spawn(std::string task, Async<void> work) {
  if (state_->stopped) return false;
  const auto signal = state_->signals.emplace(state_->signals.end());
  asio::co_spawn(state_->executor, std::move(work),
                 asio::bind_cancellation_slot(
                     signal->slot(),
                     [state = state_, signal, task = std::move(task)](std::exception_ptr error) {
                       state->finished(signal, task, std::move(error));
                     }));
  return true;
}

void TaskGroup::stop() {
  state_->stopped = true;
  // Through the executor: emitting from within a task would resume others inside its stack.
  asio::post(state_->executor, [state = state_] {
    for (auto next = state->signals.begin(); next != state->signals.end();) {
      auto signal = next++;  // a task that ends at once erases its own signal
      signal->emit(asio::cancellation_type::terminal);
    }
  });
}

Async<void> TaskGroup::join() {
  const auto state = state_;
  while (!state->signals.empty()) {
    boost::system::error_code ignored;
    co_await state->idle.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    if ((co_await asio::this_coro::cancellation_state).cancelled() != asio::cancellation_type::none)
      throw boost::system::system_error(asio::error::operation_aborted);
  }
}

std::size_t TaskGroup::running() const { return state_->signals.size(); }

}  // namespace auterity
