#include "cli/application.h"

#include <unistd.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <exception>
#include <ostream>

#include "cli/output.h"

namespace auterity::cli {
namespace {

// The first signal asks the command to end, a second one does not wait for it.
class SignalWatch {
 public:
  SignalWatch(World& world, bool stops_in_order)
      : world_(world), stops_in_order_(stops_in_order), signals_(world.io, SIGINT, SIGTERM) {
    wait();
  }

  boost::asio::cancellation_slot slot() { return cancellation_.slot(); }
  bool interrupted() const { return count_ > 0; }

 private:
  void wait() {
    signals_.async_wait([this](boost::system::error_code error, int) {
      if (error) return;
      if (++count_ > 1) {
        world_.err << "error: interrupted again, not waiting any longer\n" << std::flush;
        ::_exit(facts(ErrorKind::cancelled).exit_code);
      }
      wait();
      if (stops_in_order_)
        world_.stop.request();
      else
        cancellation_.emit(boost::asio::cancellation_type::terminal);
    });
  }

  World& world_;
  bool stops_in_order_;
  boost::asio::signal_set signals_;
  boost::asio::cancellation_signal cancellation_;
  int count_ = 0;
};

Error interruption(const Command& command) {
  return {ErrorKind::cancelled, "interrupted", command.interruption_hint()};
}

Result<ExitCode> outcome_of(std::exception_ptr thrown, Result<ExitCode> result,
                            const Command& command, bool interrupted) {
  if (!thrown) return result;
  try {
    std::rethrow_exception(thrown);
  } catch (const boost::system::system_error& error) {
    if (interrupted && error.code() == boost::asio::error::operation_aborted)
      return std::unexpected(interruption(command));
    return fail(ErrorKind::internal, error.what());
  } catch (const std::exception& error) {
    return fail(ErrorKind::internal, error.what());
  }
}

}  // namespace

ExitCode report_error(std::ostream& out, std::ostream& err, const Error& error, bool json) {
  if (json) out << to_text(error_document(error)) << '\n';
  err << error_text(error) << std::flush;
  return facts(error.kind).exit_code;
}

ExitCode run_command(World& world, const CommandLine& line) {
  Command& command = *line.command;
  SignalWatch watch(world, command.facts().stops_in_order);
  std::exception_ptr thrown;
  Result<ExitCode> result = kDone;
  bool ended = false;
  boost::asio::co_spawn(world.io, command.run(world, line.common),
                        boost::asio::bind_cancellation_slot(
                            watch.slot(), [&](std::exception_ptr error, Result<ExitCode> value) {
                              thrown = error;
                              result = std::move(value);
                              ended = true;
                            }));
  while (!ended) world.io.run_one();
  result = outcome_of(thrown, std::move(result), command, watch.interrupted());
  if (result) return *result;
  return report_error(world.out, world.err, result.error(), line.common.json);
}

}  // namespace auterity::cli
