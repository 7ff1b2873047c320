#pragma once
// What tests of clients share: an event loop, the machine's clock, a silent log, and a way to run a
// coroutine to its end.
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>
#include <optional>

#include "core/async.h"
#include "core/log.h"
#include "core/system_clock.h"

namespace auterity::harness {

// Drops every line.
class SilentLog final : public Log {
 public:
  void write(LogLevel, std::string_view, std::string_view, const LogContext&, LogFields,
             std::source_location) override {}
};

class EventLoop {
 public:
  Executor executor() { return context_.get_executor(); }
  boost::asio::io_context& context() { return context_; }

  // Runs the loop until `work` has ended; its exceptions come out. Other work that is under way
  // goes on when run() is called again.
  template <typename T>
  T run(Async<T> work) {
    std::optional<T> outcome;
    std::exception_ptr error;
    boost::asio::co_spawn(context_, std::move(work), [&](std::exception_ptr e, T value) {
      error = e;
      outcome.emplace(std::move(value));
    });
    run_until([&] { return outcome.has_value(); });
    if (error) std::rethrow_exception(error);
    return std::move(*outcome);
  }

  void run(Async<void> work) {
    bool ended = false;
    std::exception_ptr error;
    boost::asio::co_spawn(context_, std::move(work), [&](std::exception_ptr e) {
      error = e;
      ended = true;
    });
    run_until([&] { return ended; });
    if (error) std::rethrow_exception(error);
  }

 private:
  template <typename Condition>
  void run_until(Condition condition) {
    context_.restart();
    while (!condition() && context_.run_one() > 0) {
    }
  }

  boost::asio::io_context context_;
};

}  // namespace auterity::harness
