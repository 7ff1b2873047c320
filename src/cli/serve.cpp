#include "cli/serve.h"

#include <boost/asio/signal_set.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <csignal>

#include "api/process/api_process.h"
#include "cli/process_role.h"
#include "core/task_group.h"

namespace auterity::cli {
namespace {

Async<void> hand_over_when_told(api::ApiProcess& process) {
  boost::asio::signal_set signals(co_await boost::asio::this_coro::executor, SIGUSR1);
  for (;;) {
    co_await signals.async_wait(boost::asio::use_awaitable);
    process.hand_over();
  }
}

class ServeCommand final : public Command {
 public:
  CommandFacts facts() const override {
    return {
        .name = "serve",
        .group = CommandGroup::processes,
        .summary = "answer the HTTP API and run accepted executions",
        .details =
            "Configured by environment variables alone; `auterity settings` lists them. It "
            "listens at once and is\n"
            "ready when the database answers.\nSIGTERM ends it "
            "in good order; a second one does not wait. SIGUSR1 hands event streams and running "
            "executions over to other processes.",
        .log_level = LogLevel::info,
        .stops_in_order = true};
  }
  void declare(OptionSet&) override {}

  Async<Result<ExitCode>> run(World& world, const CommonOptions&) override {
    AUTERITY_CO_TRY(settings, process_settings(world));
    AUTERITY_CO_TRY(process, api::ApiProcess::make(outside_of(world), std::move(settings)));
    AUTERITY_CO_CHECK(process->listen());
    TaskGroup signals(world.executor, "signals", [&world](std::string_view, std::exception_ptr) {
      world.log.error("api", "hand-over signals are no longer heard", {});
    });
    signals.spawn("hand over", hand_over_when_told(*process));
    const Status ended = co_await process->run(world.stop.wait());
    signals.stop();
    co_await signals.join();
    AUTERITY_CO_CHECK(ended);
    co_return kDone;
  }
};

}  // namespace

CommandPtr make_serve_command() { return std::make_unique<ServeCommand>(); }

}  // namespace auterity::cli
